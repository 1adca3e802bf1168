"""Mail: whether a few words ask for the end of a subscription, in the languages of readers. Pure.

Only where they are short and all there is: who writes more, writes about it. Whoever is not
understood is told how; whoever is taken for leaving and is not, misses the newsletter unknowingly.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from recommender.mail.inbox.word_lists import any_of

MOST_WORDS: Final = 10
MOST_CHARACTERS: Final = 160
MOST_CLOSING_LINES: Final = 4
MOST_NAMES: Final = 3

_WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)*")

# "Do not", "never", "keep", "unless": then it is something else.
_OTHERWISE = any_of(
    r"""
    \b(?:not|never|keep|unless|until|if|almost|nearly|don['’]?t|didn['’]?t|won['’]?t|can['’]?t
    cannot|nicht|kein\w*|nie|niemals|falls|wenn|pas|jamais|no|nunca|non|mai|niet|geen|nooit|não
    inte|aldrig|ikke|aldri|ei|älä|ne|nie|nikdy|не|ні|никогда|değil|jangan|đừng|không|لا|לא|نه|मत
    नहीं|link|button|page|how|where|why|when|who|wie|warum|wo|comment|pourquoi|cómo|como|come
    perché|hoe|waarom|как|почему|works?|working|broken|instead|resubscribe|later)\b|[?？؟]|不要退
    别退
    別退|不退|しない|しないで|지 ?마|않|อย่า|ไม่
    """
)
_LEAVES = any_of(
    r"""
    \b(?:un-?subscri\w*|unsub|(?:remove|delete) me|take me off|opt(?:ing)?[ -]?(?:me )?out
    sign ?off|signoff|abmeld\w*|abmelden|abbestell\w*|austragen|abzumelden|abzubestellen
    kündig\w*|melden? (?:sie )?mich (?:bitte )?ab|bestelle? .{0,30}\bab|d[ée]s?inscri\w*
    d[ée]sabonn\w*|r[ée]sili\w*|dar(?:me)? de baja|darme de baja|de baja|desuscri\w*
    desuscrib\w*|cancelar? (?:la |mi |a |minha )?(?:suscripci[óo]n|inscri[çc][ãa]o|assinatura)
    disiscriv\w*|disiscrizione|annulla\w* (?:la |l['’])?(?:mia )?iscrizione|cancellami
    cancellatemi|afmeld\w*|meld mij af|uitschrijv\w*|schrijf mij uit|opzeggen|descadastr\w*
    desinscrev\w*|desinscri\w*|avregistrera\w*|avprenumerera\w*|avsluta prenumeration\w*
    avanmäl\w*|frameld\w*|afmeld\w*|avmeld\w*|meld meg av|avbestill\w*|opsig\w*|peru(?:uta
    uttakaa|n)? (?:tilau\w*|uutiskirje\w*)|lopeta tilaus\w*|wypis\w*|rezygnuj[ęe]
    anuluj subskrypcj[ęe]|odhl[áa]s\w*|odhlás\w*|leiratkoz\w*|dezabon\w*|отпи[сш]\w*|отписк\w*
    відпи[сш]\w*|διαγραφ\w*|απεγγραφ\w*|διαγράψτε με|abonelikten|aboneliği\w* iptal\w*
    abonelik iptal\w*|batal(?:kan)? langganan|berhenti berlangganan|h[uủ]y (?:đăng ký
    theo dõi))\b|退订|退訂|取消订阅|取消訂閱|取消訂阅|取消关注|配信停止|配信を停止|登録解除
    購読解除|購読を解除|配信解除|解約|수신 ?거부
    구독 ?(?:을 )?(?:취소|해지|중지)|ยกเลิก|إلغاء (?:الاشتراك|اشتراكي)|لغو (?:اشتراک|عضویت)|(?:ביטול
    בטלו?|לבטל) (?:את )?(?:ה)?(?:מנוי|הרשמה)|הסרה|הסירו? אותי|सदस्यता (?:समाप्त|रद्द)
    अनसब्सक्राइब
    """
)
# These mean it only together with what shall end.
_ENDS = any_of(
    r"""
    \b(?:stop|remove|delete|cancel|end|quit|leave|take me|drop|get me (?:off|out)|stopp\w*
    beenden|lösch\w*|entfern\w*|streich\w*|arr[êe]te[rz]?|supprime[rz]?|retire[rz]|enlève[rz]?
    borr\w*|elimin\w*|quit\w*|parar?|pare\w*|dejar?|dejen|remov\w*|rimuov\w*|toglie\w*|togli\w*
    smett\w*|verwijder\w*|ta bort|sluta|fjern\w*|slett?\w*|poista\w*|usuń\w*|удалите|удали
    уберите|прекратите|hapus|xóa|usu[nń]\w*)\b
    """
)
_WHAT_ENDS = any_of(
    r"""
    \b(?:me off|me from|my (?:e-?mail|address|account|name|subscription)|subscription|off|out
    (?:e-?)?mail(?:s|ings?|ing list)?|newsletters?|lists?|messages?|mailing|sending|liste
    verteiler|abonnement|abo|rundmails?|nachrichten|courriels?|mailliste|lista|correos?|boletín
    boletines|suscripción|elenco|messaggi|lijst|nieuwsbrief|mailinglist|e-?posta?|nyhetsbrev\w*
    nyhedsbrev\w*|listan|listen|postituslista\w*|listy|рассыл\w*|спис\w*|письма|milis
    danh sách)\b
    """
)
_ABOUT_PAPERS = re.compile(r"\b(?:papers?|like|dislike|save|paragraph|paper)\b", re.IGNORECASE)
_NO_MORE = any_of(
    r"""
    \b(?:no more|don['’]?t (?:send|mail|email)|do not (?:send|mail|email)|keine?|plus (?:de
    d['’])|no (?:m[áa]s|quiero)|non (?:voglio|inviat\w*)|geen|inga fler|ikke flere|ingen flere
    больше не|chega de|basta)\b.{0,40}\b(?:e-?mails?|mails?|newsletters?|messages?|nachrichten
    courriels?|correos?|messaggi|nieuwsbrie\w+|присыл\w*|письма|me|mich)\b|(?:不要|别|別)再?(?:发
    發|寄)
    """
)
_GREETING = any_of(
    r"""
    (?:hi|hello|hey|dear|good (?:morning|day|evening)|hallo|guten (?:tag|morgen)|sehr geehrte
    liebe|bonjour|salut|madame|hola|buenos días|estimad|buongiorno|ciao|salve|gentil|olá|prezad
    hej|hei|moi|cześć|dzień dobry|szanown|dobrý den|здравствуйте|добрый день|привет|merhaba|您好
    你好|こんにちは|안녕하세요)(?!\w)
    """
)
_CLOSING = any_of(
    r"""
    (?:(?:many |best )?thanks|thank you|thx|cheers|regards|(?:best|kind|warm) (?:regards|wishes)
    best|sincerely|yours|danke|vielen dank|(?:viele|beste|liebe) grüße|gruß|mfg
    mit freundlichen grüßen|merci|cordialement|bien à vous|gracias|(?:un )?saludos?|atentamente
    grazie|cordiali saluti|saluti|obrigad[oa]|bedankt|dank|met vriendelijke groet|groet\w*|tack
    mvh|hälsningar|tak|takk|hilsen|kiitos|dziękuję|pozdrawiam|děkuji|s pozdravem|спасибо
    с уважением|teşekkürler|谢谢|謝謝|ありがとう.{0,8}
    감사합니다)(?: (?:a lot|so much|very much|again|in advance
    schön|sehr|im voraus|beaucoup|d['’]avance
    bien|mille|mucho|muchas|mycket|så mycket|skal du ha|большое|bardzo|moc)){0,2}(?!\w)
    """
)


def asks_to_leave(text: str) -> bool:
    r"""Return whether a short text asks for the end of a subscription, and for nothing else.

    Examples
    --------
    >>> asks_to_leave("Hello,\nplease unsubscribe me.\nBest regards\nJane")
    True
    >>> asks_to_leave("Please do not unsubscribe me")
    False
    """
    lines = [" ".join(line.split()) for line in text[: 2 * MOST_CHARACTERS].splitlines()]
    lines = _without_ceremony([line for line in lines if line])
    words = " ".join(lines)
    if not words or len(lines) > 2 or len(text) > MOST_CHARACTERS * 2:  # noqa: PLR2004 - a sentence, wrapped
        return False
    if len(words) > MOST_CHARACTERS or len(_WORD.findall(words)) > MOST_WORDS:
        return False
    if _NO_MORE.search(words) and not _ABOUT_PAPERS.search(words):
        return True
    if _OTHERWISE.search(words):
        return False
    if _LEAVES.search(words):
        return True
    return bool(
        _ENDS.search(words) and _WHAT_ENDS.search(words) and not _ABOUT_PAPERS.search(words)
    )


def is_ceremony(text: str) -> bool:
    """Return whether a text greets or thanks, and says nothing else."""
    if len(text) > MOST_CHARACTERS:
        return False
    lines = [" ".join(line.split()) for line in text.splitlines()]
    lines = [line for line in lines if line]
    return bool(lines) and not _without_ceremony(lines)


def _without_ceremony(lines: Sequence[str]) -> list[str]:
    """Leave out who is greeted, the thanks, and the name below them."""
    kept: list[str] = []
    for number, line in enumerate(lines):
        if number == 0 and _is_greeting(line):
            continue
        if _is_closing(line) and len(lines) - number <= MOST_CLOSING_LINES:
            break
        kept.append(line)
    return kept


def _is_greeting(line: str) -> bool:
    match = _GREETING.match(line)
    if match is None or _LEAVES.search(line) or _ENDS.search(line) or _NO_MORE.search(line):
        return False
    return len(line[match.end() :].split()) <= MOST_NAMES


def _is_closing(line: str) -> bool:
    """Return whether a line thanks or closes; only a name may follow in it."""
    match = _CLOSING.match(line)
    if match is None:
        return False
    rest = line[match.end() :].strip(" ,.;!-")
    return not rest or (len(rest.split()) <= MOST_NAMES and rest.istitle())
