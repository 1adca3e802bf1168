"""Mail: the words of programs that answer for people and mark their answers in no way. Pure.

Absences, receipts of help desks, and gatekeepers that want to know whether a person wrote, in the
languages of readers. They are no proof: whoever is taken for a program needs a person's sign to
say yes (see `assent`), and gets no answer where nothing was understood.
"""

from __future__ import annotations

from typing import Final

from recommender.mail.inbox.characters import plain_characters
from recommender.mail.inbox.commands import without_reply_prefix
from recommender.mail.inbox.word_lists import any_of

LONGEST_READ: Final = 2_000
"""Characters that are looked at."""


_IN_SUBJECT = any_of(
    r"""
    odpowiedź autom|răspuns autom|vastus autom|odgovor autom|out-of-(?:the-)?office|auto\W{0,2}:
    \w{2,6} ?#\d{2,}|\(\w{2,10}-\d{2,}\)|\[\w{2,12}\] \(\w{2,10}-\d+\)|your case
    (?:fully )?auto(?:mati\w{0,12}|maatti\w{0,8}|m\.)?[- ]?\W?(?:repl|respon|answer|antw|svar
    odp|ans|vast|v[áa]l|r[ăa]s|r[ée]p|risp|resp|accus|mess|mail|notif|odgov|atsak|atbild|vastu
    generated)|авто ?-?отв|автоматич|автоматск|автовідпов|αυτόματ|otomatik|رد تلقائي
    إجابة تلقائية|רד אוטומטי|תשובה אוטומטית|מענה אוטומטי|پاسخ خودکار|自动(?:回|答)|自動(?:回|答|返
    応)
    자동 ?(?:회신|응답|답장)|(?:thư )?trả lời tự động|balasan otomatis|jawapan automatik
    ตอบกลับอัตโนมัติ|การตอบกลับ|स्वचालित|स्वत|r[ée]ponse auto|respuesta auto|risposta auto
    resposta auto|out of (?:the |my )?office|\W?oo(?:o|to)\b|out of town|out sick|away\b
    (?:i['’]?m|i am|we are|currently) (?:\w{1,12} ){0,2}(?:out|away|on|off)\b|vacation
    on (?:\w{1,12} )?(?:holiday|vacation|leave)|(?:annual|parental|sick) leave|absen[ct]|abwesen
    nicht im (?:büro|haus)|(?:im |in )?urlaub\b|außer haus|en cong[ée]|message d['’]absence
    hors du bureau|fuera de|ausen|de vacaciones|vacaciones|fuori (?:sede|ufficio)|assen|in ferie
    fora do|ausên|[eé]m? ?férias|férias|afwezig|niet aanwezig|buiten kantoor|met vakantie
    frånvar|fravær|(?:ikke|inte) på kontoret|på (?:ferie|semester)|poissa|lomalla|autoodpow
    nieobecn|poza biurem|na urlopie|mimo kancel|nepřítom|neprítom|dovolen|házon kívül|távollét
    szabadság|în concediu|în afara|отсутств|в отпуске|вне офиса|нет на месте|відсутн|у відпустці
    в отпуск|εκτός γραφείου|απουσία|σε άδεια|ofis dışı|izinde|خارج المكتب|في إجازة|מחוץ למשרד
    בחופשה|خارج از|(?:我?正?在?)(?:外出|休假|出差|度假|不在)|不在(?:通知|の|に)|休暇|부재|휴가
    vắng mặt|nghỉ phép
    di luar kantor|cuti\b|ไม่อยู่|ลาพักร้อน|odsut|van kantoor|\[?\W?(?:ticket|case|request
    incident|vorgang|anfrage|demande|solicitud|caso|zaak|ärende|sak|заявка|обращение|запрос|工单
    sr|inc|ref|req|cas|id)\s?(?:id|nr|no|number|nummer|#|№)?\W{0,3}\w{0,4}-?\d{2,}
    \[\W?\w{1,12}[-#: ]{0,2}\d{2,}\]|\[#|#\s?\w{0,5}-?\d{3,}|(?:new |support )?ticket\b|(?:your
    ihre?|votre|tu|su|sua|vostr[ao]|uw|din|deres|twoj[ae]|vaše?|ваш[аеи]?) (?:e-?mail|mail
    message|request|enquiry|inquiry|question|nachricht|anfrage|demande|courriel|mensaje|consulta
    solicitud|richiesta|messaggio|mensagem|pedido|bericht|vraag|verzoek|fråga|henvendelse
    wiadomość|zgłoszenie|zpráva|dotaz|письмо|запрос|обращение|заявка|сообщение)
    we(?:['’]ve| have)? (?:got
    received)|(?:message|mail|request|enquiry)s? received|received:
    thank(?:s| you) for (?:contacting
    your|reaching|writing|getting)|eingangsbest|empfangsbest|vielen dank für|merci (?:de
    pour) (?:votre|nous)|gracias por|accus[ée] de r[ée]ception|acuse de recibo
    conferma (?:di )?(?:ricezione|lettura)|ricevuta|ontvangstbevest|mottagningsbekr|kvittering
    potwierdzenie|potvrzení|подтверждение (?:получ|дост)|受付|お問い合わせ|受信確認|已收到|접수
    sender verif|verif\w{0,8} (?:required|needed|necessary|request|your|of your|e-?mail|code)
    (?:please |kindly )?(?:verify|confirm) (?:your (?:e-?mail|message|identity|delivery|address)
    that you|you are|delivery)|action required|challenge[- ]response|approve (?:your|this)
    (?:überprüf
    bestätig)\w* (?:sie )?ihre (?:nachricht|e-?mail|identität)|vérification (?:requise|de)
    verificación requerida
    подтвердите
    delivery (?:status|failure|has)|undeliver|unzustellbar|returned mail|mail delivery|read:
    gelesen:|lu ?:|le[íi]do:|letto:|quarantined?:|spam (?:filter|block|check)
    message (?:held|blocked|pending|awaiting)
    """
)

_IN_TEXT = any_of(
    r"""
    out of (?:the |my )?office|\booo\b|away from (?:my|the)|auto(?:mat|m\.|[- ]?repl|[- ]?gener
    [- ]?resp|svar)|авто ?мат|автоотв|автовідп|αυτόματ|otomatik|自动|自動|자동|تلقائي|אוטומטי|خودکار
    tự động|อัตโนมัติ|स्वचालित|\bon (?:\w{1,12} )?(?:leave|vacation|holidays?|sabbatical)
    \bi(?:['’]m| am| will be) (?:\w{1,12} )?(?:away|out)\b|limited access to|until (?:i
    my) return|when i return|no longer (?:with|work|monitored|in use|valid)|has left the
    not monitored|do not reply|no-?reply|abwesen|im urlaub|nicht (?:im (?:büro|haus|dienst)
    erreichbar)|außer haus|wieder (?:im|erreichbar)|absente? (?:du|jusqu|de)|en cong[ée]s?\b
    hors du bureau|de vacaciones|ausente|fuera de|in ferie|assente|fuori (?:sede|ufficio)
    de férias|fora do|afwezig|op vakantie|niet op kantoor|på semester|på (?:ferie|kontoret)
    frånvar|fravær|lomalla|poissa|urlopie|nieobecn|dovolen|nepřítom|szabadság|concediu|отпуск
    отсутств|відпуст|відсутн|άδεια|izindey|izinli|tatilde|休假|出差|外出|不在|休暇|휴가|부재|إجازة
    חופש|مرخصی
    nghỉ phép|sedang cuti|ลาพัก|अवकाश|\bticket\b|tracking (?:number|id)|reference number
    vorgangsnummer|case (?:id|no|number)|(?:has|have|been
    was) (?:been )?(?:successfully )?received|(?:wurde|haben|ist) .{0,60}(?:erhalten
    eingegangen)|bien re[çc]u|ha sido recibid|abbiamo ricevuto|foi recebid
    hebben .{0,40}ontvangen|\bwe(?:['’]ve)? (?:have )?(?:got|received) your|recebemos|recibimos
    hemos recibido|wir haben ihre|avons (?:bien )?reçu|abbiamo ricevuto|otrzymaliśmy|\bbot\b
    support team|service ?desk|help ?desk|kundenservice
    customer (?:service|care|support)|verif(?:y|ication) |captcha|whitelist|are (?:a )?human
    not a robot|click (?:here|the|on|below)|undeliver|within \d+ (?:\w{1,10} )?(?:hours|days)
    business days|werktag
    (?:message|mail|request|enquiry|inquiry) (?:(?:has|have) (?:\w{1,9} )?been|was|is(?: being)?
    will be) (?:\w{2,12}(?:ed|en)|sent|put)\b|(?:message|mail) (?:accepted
    received|delivered|queued|forwarded)|delivery (?:will|is|has|of your)|(?:was|been) (?:assigned
    forwarded|delivered|queued|logged)|be in touch|(?:nachricht|anfrage|mail) (?:ist|wurde|wird)
    melden uns|(?:message|courriel|demande|mail) (?:a|est|sera) (?:bien )?(?:été|re[çc]u|transmis)
    (?:mensaje|correo|solicitud) (?:ha|fue|será) |(?:messaggio|richiesta) (?:è|sarà|verrà)
    (?:mensagem|pedido) (?:foi|será)|(?:bericht|verzoek) (?:is|wordt|werd)
    (?:wiadomość|zgłoszenie) (?:został|jest)|(?:письмо|сообщение|обращение|заявка) (?:был[оа]?
    доставлен|получен|принят|зарегистр)|(?:邮件|郵件|来信|來信|信件).{0,4}已|已(?:送达|送達|转发|轉發|收到)
    (?:メール|メッセージ).{0,6}(?:受信|受け付|届|配信)|(?:메일|메시지).{0,6}(?:전달|접수|수신)
    thư (?:của bạn |này )?đã
    """
)

# Of programs, and of people too.
_POLITE_IN_TEXT = any_of(
    r"""
    thank(?:s| you) (?:very much |so much )?for|vielen dank für|danke für|merci (?:de|pour)
    gracias por|grazie per|obrigad[oa] (?:por|pelo|pela)|bedankt voor|dank u? ?voor|tack för
    takk? for|kiitos vies|dziękuj\w{1,4} za|děkuj\w{1,4} za|ďakuj\w{1,4} za|спасибо за
    дякуємо за|благодар|ευχαριστούμε|teşekkür ederiz|感谢您|感謝您|謝謝您的|ありがとうございま
    감사합니다
    will (?:be (?:back|out|away)|return|respond|reply|get back|answer|contact|read|come back)
    as soon as|so bald|schnellstmöglich|dès que|lo antes|appena possibile|assim que|zo spoedig
    office|büro|bureau|oficina|ufficio|escritório|kantoor|kontor|toimisto|biur|kancel|irodá
    birou|офис|γραφεί|ofis|办公|辦公|オフィス|사무실|المكتب|משרד|văn phòng|kantor|vacation|holiday
    urlaub
    receiv|erhalten|eingegangen|reçu|recibid|recebid|ricevut|ontvangen|mottag|modtag|mottatt
    vastaanot|otrzyma|obdrž|megkapt|primit|получ|отрим|παραλ|ulaş|alındı|收到|受け付け|受付|受信
    접수|استلام
    קיבלנו|התקבל|دریافت|nhận được|diterima|ได้รับ|customer|kunde|client|team|verif|vérifi|click
    klick|cliqu|human|robot|sender|mailbox|message|nachricht|mensaje|mensagem|messaggio|bericht
    meddela|wiadomo|zpráv|správ|üzenet|mesaj|сообщ|письм|повідомл|лист\b|μήνυμα|邮件|郵件|メール
    메일|메시지
    رسال|הודע|पیام|संदेश|tin nhắn|thư|pesan|ข้อความ|tilbage|tilbake|tillbaka|zurück|retour
    regres|vuelv|torn[oa]|volto|palaan|wrac|wróc|vrát|visszatér|revin|вернусь|буду|повернусь
    επιστρ|döne
    """
)


def has_subject_of_programs(subject: str) -> bool:
    """Return whether a subject begins as those of automatic answers do.

    Further on it may be ours, which has the title of a paper.
    """
    return bool(_IN_SUBJECT.match(without_reply_prefix(subject).lstrip(" \"'“„«*-:!")))


def has_words_of_programs(text: str) -> bool:
    """Return whether a text speaks of an absence, a receipt or a check of its sender."""
    return bool(_IN_TEXT.search(plain_characters(text[:LONGEST_READ])))


def may_be_a_programs(text: str) -> bool:
    """Return whether a text has words that people write as well, but programs nearly always."""
    return has_words_of_programs(text) or bool(
        _POLITE_IN_TEXT.search(plain_characters(text[:LONGEST_READ]))
    )
