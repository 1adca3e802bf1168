"""Mail: whether a reply to a question is a yes, a no, or says neither. Pure.

Programs answer too, and some mark their answers in no way. So a reply is a yes by a person's sign:
a word of assent at its beginning, in the languages of readers. In a reply under our own subject
thanks are enough, or nothing at all.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from recommender.mail.inbox.characters import plain_characters
from recommender.mail.inbox.commands import without_reply_prefix
from recommender.mail.inbox.leaving import asks_to_leave
from recommender.mail.inbox.program_words import has_words_of_programs, may_be_a_programs
from recommender.mail.inbox.word_lists import any_of, words_of

LONGEST_READ: Final = 2_000
"""Characters of a reply that are looked at."""

FEW_WORDS: Final = 6
_MOST_WORDS_BEHIND_YES: Final = 12
_CLAUSES: Final = 4
_LONGEST_CJK: Final = 14


class Answer(StrEnum):
    """What a reply to a question says."""

    YES = "yes"
    NO = "no"
    NEITHER = "neither"


_YES: Final = words_of(
    """
    alright roger indeed na certamente dokey dokie okidoki interested opt-in
    jup jawoll jah taip já jā ndiyo потвърждавам потврђујем потврдувам
    perfekt freilich logisch logo stimme zustimmen zugestimmt akzeptiert akzeptiere gebongt
    validé valide valider vérifié entendu exact exactement oki confirmez
    perfecto correcto exacto afirmativo aprobado autorizo autorizado apunto apúntame
    esatto perfetto perfettamente sicuro approvo acconsento iscrivimi
    isso exato correto afirmativo autorizo positivo certeza
    jawel jep goed akkoord klopt instemmen bevestigen
    stämmer japp jajjemän godkänner självklart korrekt jepp greit bekreft bekræft stemmer godkendt
    godtar joopa hyvä oikein vahvistettu juuri
    poproszę pewnie akceptuję zatwierdzam owszem dokładnie zgoda okej
    dobře jistě samozřejmě přesně potvrzeno fajn dobre samozrejme presne potvrdené
    oké elfogadom egyetértek helyes hogyne accept bine confirmat confirmăm bun
    точно верно разумеется подтверждено подтвержден принято хочу давай ладно можно
    точно звичайно підтверджено хочу можна οκ σωστά επιβεβαίωση δέχομαι
    olur onay onayla onaylandı doğru aynen kabul تأكيد مؤكد اكيد أكيد طبعا اوك מאשרים נכון
    حتما تأیید قبول सही सहमत ठीक chấp thuận xác nhận ừm betul benar konfirmasi boleh sip
    yes yeah yep yup aye y ok okay okey k sure absolutely definitely certainly confirm confirmed
    confirming agree agreed accept accepted approve approved correct affirmative subscribe
    ja jap jawohl jo j gerne gern klar natürlich sicher einverstanden bestätige bestätigt
    bestätigen passt jep genau stimmt abonnieren anmelden
    oui ouais accord volontiers confirme confirmé confirmer accepte bien certainement parfait
    sí vale acuerdo claro confirmo confirmado acepto confirmar suscribir suscríbeme
    sì certo confermo confermato accetto volentieri conferma
    sim confirmada aceito concordo beleza inscrever
    graag akkoord natuurlijk bevestig bevestigd jazeker prima zeker oke oké
    jajamän absolut gärna visst javisst bekräftar bekräftas okej
    jada gjerne bekræfter bekrefter selvfølgelig klart naturligvis jaja
    kyllä joo juu vahvistan hyväksyn selvä toki
    potwierdzam zgadzam zgoda oczywiście jasne dobrze pewnie
    ano jo jasně souhlasím potvrzuji potvrzuju určitě áno súhlasím potvrdzujem
    igen persze rendben megerősítem sigur desigur confirm de-acord
    да ага конечно подтверждаю подтвердить согласен согласна хорошо ок угу давайте
    так звісно підтверджую згоден згодна гаразд добре авжеж
    ναι εντάξει επιβεβαιώνω βεβαίως σύμφωνοι μάλιστα
    evet tamam onaylıyorum kabul olur elbette tabii peki
    نعم أجل موافق اوافق أوافق أؤكد تمام اوكي
    כן בטח אישור מאשר מאשרת אוקיי בסדר
    بله آره باشه تایید موافقم
    हाँ हां जी ठीक पुष्टि
    vâng có ý đồng được ừ
    ya iya setuju oke baik
    да-да jasan naravno potvrđujem
    """
)
"""A clause of these and of `_AROUND` is a yes."""

_ALONE: Final = frozenset({"da", "si", "tak", "ha", "hai", "no problem", "de acuerdo", "va bene"})
"""These say yes in one language and something else in another: only where they stand alone."""

_BEGINNINGS: Final = words_of(
    """
    yes yeah yep yup ok okay ja oui sí sì sim kyllä joo igen да так ναι evet نعم כן بله हाँ áno
    ano confirmed agreed
    """
)
"""A clause that begins with one of these is a yes, if it is short."""

_AROUND: Final = words_of(
    """
    right that's it's here by it also asked requested wanted really definitely just now
    geht klar mach machen bin ist so war einfach nur jetzt auch doch mal dann
    c'est bon que oui tout suis veux voudrais recevoir m'abonner lettre moi est j'ai demandé
    que quiero recibir el boletín los correos soy yo es así mismo muy bien está
    voglio ricevere sono io è così la mia molto bene quero receber mesmo é está sou eu
    hoor is dat ben ik ik wil graag ontvangen de nieuwsbrief
    är jag få nyhetsbrevet er jeg få nyhedsbrevet fint haluan tilata sen on
    jestem chcę otrzymywać to ja że jo to jsem já chci odebírat som ja chcem
    kérem én vagyok eu sunt vreau mulțumesc multumesc să primesc
    это на рассылку хочу получать меня мне это я це я хочу отримувати
    benim bülteni almak istiyorum من فضلك أريد אני רוצה בבקשה من هستم कृपया मुझे चाहिए जी
    ạ tôi muốn nhận saya mau mohon
    i we it this that is am was do did please pls kindly thanks thank you thx much very so of
    course my our me us to the a and want would like love to get receive in sign up add subscribed
    subscription newsletter papers mail mails email emails i'd i'm all fine good great perfect go
    ahead with for go on
    ich wir mich mir das es bitte danke sehr gut gerne natürlich den die newsletter möchte will
    haben bekommen meine anmeldung dich auf jeden fall hiermit
    je j'accepte j' vous plaît s'il svp merci mon ma l'abonnement inscription bien sûr d'accord
    d' mais beaucoup abonnement
    yo por favor mi gracias la suscripción supuesto muchas desde luego de
    io per favore grazie la mia iscrizione va bene mille
    eu minha inscrição a obrigado obrigada
    ik het alstublieft aub dank je wel bedankt dit mijn aanmelding
    jag vill det tack ja vänligen min prenumeration jeg vil gerne tak takk det abonnement
    mange kiitos minä tilauksen
    proszę się dziękuję tak prosím děkuji ďakujem
    пожалуйста спасибо я подписку будь ласка дякую
    παρακαλώ ευχαριστώ lütfen teşekkürler ederim شكرا תודה लहي धन्यवाद करें है cảm ơn terima kasih
    """
)

_THANKS: Final = words_of(
    """
    thanks thank you thx ty so very much many a lot cheers great perfect nice cool wonderful
    danke schön sehr vielen dank super merci beaucoup mille gracias muchas grazie obrigado
    obrigada muito bedankt dank je wel tack så mycket tak takk mange tusen kiitos dziękuję bardzo
    dzięki děkuji děkuju díky ďakujem köszönöm mulțumesc спасибо большое дякую ευχαριστώ πολύ
    teşekkürler ederim شكرا תודה धन्यवाद 谢谢 謝謝 ありがとう ありがとうございます 감사합니다
    고맙습니다 cảm ơn terima kasih ขอบคุณ ขอบคุณครับ ขอบคุณค่ะ
    """
)
_NO: Final = words_of(
    """
    no nope nah never not thanks thank you cancel it this that me wasn't mine wrong decline
    declined reject
    nein danke nicht nö nee non merci pas nej nei tack tak takk ei kiitos nie dziękuję ne děkuji
    nem nu нет ні ніколи спасибо дякую όχι hayır لا לא نه नहीं không tidak bukan gracias grazie
    não obrigado obrigada refuse rifiuto weiger stop abbrechen annuler storniert
    """
)
_SAYS_NO: Final = words_of(
    """
    no nope nah cancel decline declined reject nein nö nee non nej nei ei nie ne nem nu нет ні όχι
    hayır لا לא نه नहीं không tidak bukan não refuse rifiuto weiger stop abbrechen annuler never
    """
)
_NOT_ME = any_of(
    r"""
    (?:it )?(?:was ?n[o']t|not) (?:me|mine)|i did(?:n't| not) (?:ask|subscribe|request
    sign).{0,60}|das war(?:en)? (?:ich|wir) nicht|ich war das nicht|ce n['’]est pas moi
    no f?u[ií] yo|non sono (?:stato|stata) io|n[ãa]o fui eu|это не я|это был не я|to nie ja
    nebyl jsem to já|不是我|我没有|我沒有|私ではありません|제가 아닙니다
    """
)
_CJK_YES = any_of(
    r"""
    (?:是的?|好的?|可以|确认|確認|同意|订阅|訂閱|没问题|沒問題|行|对|對|嗯|要|はい|ええ|了解|承知
    確認しま|お願いし|よろしく|わかりました|分かりました|オーケー
    うん|네|예|넵|확인|동의|좋아요|좋습니다|응|그래|ใช่|ตกลง|ยืนยัน|ได้|โอเค)
    """
)
_CJK_NO = any_of(
    r"""
    (?:不是|不要|不用|不同意|不|否|没有|沒有|いいえ|いや|違い|아니|싫|ไม่)
    """
)
_YES_IN_WORDS = any_of(
    r"""
    (?:of course|go ahead|(?:that's|this is) right|i (?:really )?want (?:it|this)|fine (?:with
    by) me|i(?:'d| would) like to (?:receive|get|have|read) (?:it|this|them)
    let's go|mach das|machen sie das|c'est (?:bon|ok|oui)|ça marche|está bien|please do
    sounds (?:good|great)|sign me up|count me in|why not
    no problem|by all means|go for it|bien sûr|avec plaisir|pas de problème|d'accord
    por supuesto|desde luego|con gusto|sin problema|con piacere|senz'altro|com certeza|pode ser
    auf jeden fall|kein problem|selbstverständlich|geen probleem|met plezier|inga problem
    inget problem|ikke noe problem|intet problem|med glæde|ei ongelmaa|bez problemu
    nie ma problemu|без проблем|не проблема|с удовольствием|із задоволенням|sorun değil
    memnuniyetle|que oui|mais oui|i do|that's me|it's me|it was me|c'est moi|ich bin es
    das war ich|soy yo|sono io|sou eu|это я|to ja|det är jag|det er meg|det er mig)(?: (?:please
    bitte|merci|s'il vous plaît|por favor|per favore|proszę|prosím|пожалуйста))?
    """
)
_GREETINGS: Final = words_of(
    """
    hi hello hey dear good morning hallo guten tag liebe bonjour salut hola buenos buongiorno ciao
    olá hej hei moi cześć dobrý dzień здравствуйте привет добрый вітаю γεια merhaba مرحبا שלום سلام
    नमस्ते 您好 你好 こんにちは 안녕하세요 xin halo สวัสดี
    """
)
_CLAUSE_END = re.compile(r"[.,;:!?…·()\n、。，！–—]|\s-+\s|\.\.\.")
# "Yesss", "jaaa".
_LENGTHENED = re.compile(r"(\w)\1+$")
_THUMB = re.compile(r"\W*(?:👍|✅|👌|✔|☑|🆗|\+1)\W*")


def read_answer(subject: str, text: str, *, list_name: str, answers_our_mail: bool) -> Answer:
    """Read what a reply to one of our questions says.

    Parameters
    ----------
    subject, text : str
        As `incoming` gives them: without quotes and signature.
    list_name : str
        Stands in the subject of every question of ours.
    answers_our_mail : bool
        It names the Message-ID of the question.
    """
    words = plain_characters(text[:LONGEST_READ]).strip()
    headline = without_reply_prefix(subject)
    is_ours = list_name.casefold() in headline.casefold()
    said = _said(_of_a_person(words or ("" if is_ours else headline)))
    if said is not Answer.NEITHER:
        return said
    has_prefix = headline != plain_characters(subject).strip()
    if not (is_ours and has_prefix) or may_be_a_programs(words):
        return Answer.NEITHER
    if not words:
        # Who presses "reply" and "send" means yes; no program writes nothing.
        return Answer.YES if answers_our_mail else Answer.NEITHER
    return Answer.YES if _is_thanks(words) else Answer.NEITHER


def _of_a_person(words: str) -> str:
    """Return what of a text may say yes: all, or of one that speaks as programs do its first lines.

    People write of their holidays too, but a program's "Yes, I am away" stands in one line.
    """
    if not has_words_of_programs(words):
        return words
    lines = words.splitlines()
    first = next(number for number, line in enumerate(lines) if line.strip())
    begun = "\n".join(lines[: first + 1])
    return "" if len(lines) == first + 1 or has_words_of_programs(begun) else begun


def _said(words: str) -> Answer:
    if asks_to_leave(words):
        return Answer.NO
    if _THUMB.fullmatch(words):
        return Answer.YES
    clauses = [each.strip() for each in _CLAUSE_END.split(words.casefold()) if each.strip()]
    for number, clause in enumerate(clauses[:_CLAUSES]):
        tokens = _tokens(clause)
        if _refuses(clause, tokens):
            return Answer.NO
        if _is_yes(clause, tokens, words):
            # Who also says no, or asks, has not said yes.
            further = clauses[number + 1 : number + _CLAUSES]
            is_clear = not any(_refuses(each, _tokens(each)) for each in further)
            return Answer.YES if is_clear and not _asks(clause, words) else Answer.NEITHER
        if tokens[0] not in _GREETINGS and not set(tokens) <= _AROUND:
            break
    return Answer.NEITHER


def _tokens(clause: str) -> list[str]:
    return [_as_listed(each) for each in clause.replace("’", "'").split()]


def _refuses(clause: str, tokens: list[str]) -> bool:
    return bool(_NOT_ME.match(clause)) or _is_no(clause, tokens) or asks_to_leave(clause)


def _asks(clause: str, words: str) -> bool:
    """Return whether a clause is a question, as "ok?"; "why not?" is none."""
    if _YES_IN_WORDS.fullmatch(clause.replace("’", "'")):
        return False
    _, _, behind = words.casefold().partition(clause)
    return behind.lstrip().startswith("?")


def _as_listed(word: str) -> str:
    """Return a word as the lists have it: "yes" for "yesss"."""
    return word if word in _YES or word in _AROUND else _LENGTHENED.sub(r"\1", word)


def _is_no(clause: str, tokens: list[str]) -> bool:
    if _CJK_NO.match(clause):
        return len(clause) <= _LONGEST_CJK
    return not _SAYS_NO.isdisjoint(tokens) and set(tokens) <= _NO


def _is_yes(clause: str, tokens: list[str], words: str) -> bool:
    if _YES_IN_WORDS.fullmatch(clause.replace("’", "'")):
        return True
    if clause in _ALONE:
        return len(words.split()) <= _MOST_WORDS_BEHIND_YES
    if _CJK_YES.match(clause.removeprefix("我")):
        return len(clause) <= _LONGEST_CJK
    if not _YES.isdisjoint(tokens) and set(tokens) <= _YES | _AROUND:
        return True
    is_both = not _SAYS_NO.isdisjoint(tokens) and set(tokens) <= _YES | _AROUND | _NO
    return tokens[0] in _BEGINNINGS and len(tokens) <= _MOST_WORDS_BEHIND_YES and not is_both


def _is_thanks(words: str) -> bool:
    tokens = _CLAUSE_END.sub(" ", words.casefold()).split()
    return 0 < len(tokens) <= FEW_WORDS and set(tokens) <= _THANKS
