"""Whatever a program makes of a quote: what the reader wrote counts, and nothing else.

The styles are how mail programs say, in the languages of their readers, that a quote follows.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from our_issue import LINK, shown

from recommender.domain import Vote
from recommender.mail.inbox.quotes import without_quotes
from recommender.mail.inbox.reply_ratings import read_ratings
from recommender.rendering import Renderer

NAME = "Trending papers"
US = "papers@example.org"
SUBJECT = "Trending papers, Mar 11 – Paper one"
_LRE, _PDF, _RLE = "\u202a", "\u202c", "\u202b"


@dataclass(frozen=True)
class Style:
    """How a program quotes.

    Attributes
    ----------
    head : str
        The lines before the quote.
    mark : str
        Before each line of the quote; empty in programs that mark none.
    width : int
        Columns at which the quote is wrapped anew; 0 for as it came.
    before : str
        What a program puts above the head: the line of a telephone, for instance.
    """

    head: str
    mark: str = "> "
    width: int = 0
    before: str = ""


def block(*names: str, bold: bool = False, gap: str = "\n") -> str:
    """Headers as the first lines of a quote; names for from, sent, to and subject."""
    values = (f"{NAME} <{US}>", "11.03.2026 07:00", "Jane Doe <jane@univ.example>", SUBJECT)
    star = "*" if bold else ""
    return gap.join(
        f"{star}{name}:{star} {value}" for name, value in zip(names, values, strict=True)
    )


STYLES: dict[str, Style] = {
    "gmail en": Style(f"On Wed, Mar 11, 2026 at 7:00 AM {NAME} <{US}>\nwrote:\n"),
    "gmail de": Style(f"Am Mi., 11. März 2026 um 07:00 Uhr schrieb {NAME} <\n{US}>:\n"),
    "gmail fr": Style(f"Le mer. 11 mars 2026 à 07:00, {NAME} <{US}> a\nécrit :\n"),
    "gmail es": Style(f"El mié, 11 mar 2026 a las 7:00, {NAME} (<{US}>)\nescribió:\n"),
    "gmail it": Style(f"Il giorno mer 11 mar 2026 alle ore 07:00 {NAME} <\n{US}> ha scritto:\n"),
    "gmail pt": Style(f"{NAME} <{US}> escreveu (quarta, 11/03/2026 à(s)\n07:00):\n"),
    "gmail nl": Style(f"Op wo 11 mrt 2026 om 07:00 schreef {NAME} <{US}>:\n"),
    "gmail sv": Style(f"Den ons 11 mars 2026 kl 07:00 skrev {NAME} <{US}>:\n"),
    "gmail da": Style(f"Den ons. 11. mar. 2026 kl. 07.00 skrev {NAME} <\n{US}>:\n"),
    "gmail no": Style(f"ons. 11. mars 2026 kl. 07:00 skrev {NAME} <{US}>:\n"),
    "gmail fi": Style(f"ke 11. maalisk. 2026 klo 7.00 {NAME} ({US}) kirjoitti:\n"),
    "gmail pl": Style(f"śr., 11 mar 2026 o 07:00 {NAME} <{US}> napisał(a):\n"),
    "gmail cs": Style(f"st 11. 3. 2026 v 7:00 odesílatel {NAME} <{US}>\nnapsal:\n"),
    "gmail sk": Style(f"st 11. 3. 2026 o 7:00 {NAME} <{US}> napísal(a):\n"),
    "gmail hu": Style(f"{NAME} <{US}> ezt írta (időpont: 2026. márc.\n11., Sze, 7:00):\n"),
    "gmail ro": Style(f"În mie., 11 mar. 2026 la 07:00, {NAME} <{US}> a\nscris:\n"),
    "gmail ru": Style(f"ср, 11 мар. 2026 г. в 07:00, {NAME} <{US}>:\n"),
    "gmail uk": Style(f"ср, 11 бер. 2026 р. о 07:00 {NAME} <{US}> пише:\n"),
    "gmail el": Style(f"Στις Τετ 11 Μαρ 2026 στις 7:00 π.μ., ο χρήστης {NAME}\n<{US}> έγραψε:\n"),
    "gmail tr": Style(f"{NAME} <{US}>, 11 Mar 2026 Çar, 07:00 tarihinde şunu\nyazdı:\n"),
    "gmail ar": Style(
        f"في الأربعاء، ١١ مارس ٢٠٢٦ في ٧:٠٠ ص تمت كتابة ما يلي بواسطة {_LRE}{NAME}{_PDF} <{_LRE}\n"
        f"{US}{_PDF}>:\n"
    ),
    "gmail he": Style(
        f"{_RLE}בתאריך יום ד׳, 11 במרץ 2026 ב-7:00 מאת {_LRE}{NAME}{_PDF} <{_LRE}{US}{_PDF}>"
        f":{_PDF}\n"
    ),
    "gmail fa": Style(f"در تاریخ چهارشنبه ۱۱ مارس ۲۰۲۶ ساعت ۷:۰۰ {NAME} <{US}>\nنوشت:\n"),
    "gmail hi": Style(f"बुध, 11 मार्च 2026 को 7:00 am बजे को {NAME} <{US}> ने\nलिखा:\n"),
    "gmail zh": Style(f"{NAME} <{US}> 于2026年3月11日周三 07:00写道：\n"),
    "gmail tw": Style(f"{NAME} <{US}> 於 2026年3月11日 週三 上午7:00寫道：\n"),
    "gmail ja": Style(f"2026年3月11日(水) 7:00 {NAME} <{US}>:\n"),
    "gmail ko": Style(f"2026년 3월 11일 (수) 오전 7:00, {NAME} <{US}>님이 작성:\n"),
    "gmail vi": Style(f"Vào Th 4, 11 thg 3, 2026 vào lúc 07:00 {NAME} <\n{US}> đã viết:\n"),
    "gmail th": Style(f"ในวันที่ พ. 11 มี.ค. 2026 เวลา 07:00 {NAME} <{US}>\nเขียนว่า:\n"),
    "gmail id": Style(f"Pada tanggal Rab, 11 Mar 2026 pukul 07.00 {NAME} <\n{US}> menulis:\n"),
    "apple mail": Style(f"> On Mar 11, 2026, at 7:00 AM, {NAME} <{US}> wrote:\n> \n"),
    "iphone de": Style(
        f"> Am 11.03.2026 um 07:00 schrieb {NAME} <{US}>:\n> \n> \ufeff",
        before="Von meinem iPhone gesendet\n\n",
    ),
    "iphone zh": Style(
        f"> 在 2026年3月11日，07:00，{NAME} <{US}> 写道：\n> \n", before="发自我的 iPhone\n\n"
    ),
    "outlook en": Style(block("From", "Sent", "To", "Subject") + "\n\n", mark=""),
    "outlook web fr": Style(
        "_" * 32 + "\n" + block("De", "Envoyé", "À", "Objet") + "\n\n", mark=""
    ),
    "outlook mobile": Style(
        "_" * 32 + "\n" + block("From", "Sent", "To", "Subject") + "\n\n",
        mark="",
        before="Get Outlook for iOS<https://aka.ms/o0ukef>\n",
    ),
    "outlook mac es": Style(block("De", "Fecha", "Para", "Asunto", bold=True) + "\n\n", mark=""),
    "outlook cs": Style(block("Od", "Odesláno", "Komu", "Předmět") + "\n\n", mark=""),
    "outlook ja": Style(block("差出人", "送信日時", "宛先", "件名") + "\n\n", mark=""),
    "outlook old": Style(
        "-----Original Message-----\n" + block("From", "Sent", "To", "Subject") + "\n\n", mark=""
    ),
    "outlook el": Style(block("Από", "Στάλθηκε", "Προς", "Θέμα") + "\n\n", mark=""),
    "thunderbird": Style(f"On 3/11/26 07:00, {NAME} wrote:\n"),
    "thunderbird de": Style(f"Am 11.03.26 um 07:00 schrieb {NAME}:\n"),
    "mutt": Style(f"On Wed, Mar 11, 2026 at 07:00:00AM +0000, {NAME} wrote:\n"),
    "yahoo": Style(
        f"On Wednesday, March 11, 2026 at 07:00:00 AM GMT+1, {NAME} <{US}> wrote:  \n \n", mark=""
    ),
    "yahoo android": Style(
        f"  On Wed, Mar 11, 2026 at 7:00, {NAME}<{US}> wrote:   ",
        mark="",
        before="Sent from Yahoo Mail on Android \n \n",
    ),
    "qq": Style(
        f'------------------&nbsp;原始邮件&nbsp;------------------\n发件人: "{NAME}" <{US}>;\n'
        f'发送时间:&nbsp;2026年3月11日(星期三) 上午7:00\n收件人:&nbsp;"jane"<jane@univ.example>;\n'
        f"主题:&nbsp;{SUBJECT}\n\n\n\n",
        mark="",
    ),
    "163": Style(f'在 2026-03-11 07:00:00，"{NAME}" <{US}> 写道：\n', mark=""),
    "163 new": Style(
        f"---- 回复的原邮件 ----\n| 发件人 | {NAME}<{US}> |\n| 发送日期 | 2026年3月11日 07:00 |\n"
        f"| 收件人 | <jane@univ.example> |\n| 主题 | {SUBJECT} |\n",
        mark="",
    ),
    "yandex": Style(f'11.03.2026, 07:00, "{NAME}" <{US}>:\n', mark=""),
    "yandex new": Style(
        f"----------------\nКому: Jane (jane@univ.example);\nТема: {SUBJECT};\n"
        f'11.03.2026, 07:00, "{NAME}" <{US}>:\n\n',
        mark="",
    ),
    "mail.ru": Style(f"Среда, 11 марта 2026, 7:00 +03:00 от {NAME} <{US}>:\n \n", mark=">"),
    "proton": Style(f"On Wednesday, March 11th, 2026 at 7:00 AM, {NAME} <{US}> wrote:\n\n"),
    "proton old": Style(
        f"‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐\nOn Wednesday, March 11th, 2026 at 7:00 AM, {NAME}"
        f" <{US}> wrote:\n\n",
        mark="",
    ),
    "gmx": Style(
        f'Gesendet: Mittwoch, 11. März 2026 um 07:00 Uhr\nVon: "{NAME}" <{US}>\n'
        f"An: jane@univ.example\nBetreff: {SUBJECT}\n\n",
        mark="",
    ),
    "zoho": Style(f"---- On Wed, 11 Mar 2026 07:00:00 +0000 {NAME} <{US}> wrote ----\n\n", mark=""),
    "samsung": Style(
        f"-------- Original message --------\nFrom: {NAME} <{US}> \nDate: 11/03/2026  07:00 "
        " (GMT+01:00) \n"
        f"To: jane@univ.example \nSubject: {SUBJECT} \n\n",
        mark="",
        before="Sent from my Galaxy\n\n",
    ),
    "k-9": Style(f"On March 11, 2026 7:00:00 AM GMT+01:00, {NAME} <{US}> wrote:\n", mark=">"),
    "blackberry": Style(
        f"  Original Message  \nFrom: {NAME}\nSent: Wednesday, March 11, 2026 07:00\nTo:"
        " jane@univ.example\n"
        f"Reply To: {US}\nSubject: {SUBJECT}\n\n",
        mark="",
    ),
    "notes": Style(f"{NAME} <{US}> wrote on 03/11/2026 07:00:00 AM:\n\n"),
    "notes block": Style(
        f"\nFrom:\t{NAME} <{US}>\nTo:\tjane@univ.example\nDate:\t03/11/2026 07:00 AM\n"
        f"Subject:\t{SUBJECT}\n\n\n",
        mark="",
    ),
    "roundcube": Style(f"On 2026-03-11 07:00, {NAME} wrote:\n", width=70),
    "horde": Style(f"Zitat von {NAME} <{US}>:\n\n"),
    "sogo": Style(f"On Wednesday, March 11, 2026 07:00 CET, {NAME} <{US}> wrote:\n \n", mark=""),
    "zimbra": Style(f"----- Le 11 Mar 26, à 7:00, {NAME} {US} a écrit :\n\n"),
    "zimbra block": Style(
        f'De: "{NAME}" <{US}>\nÀ: "jane" <jane@univ.example>\nEnvoyé: Mercredi 11 Mars 2026'
        " 07:00:00\n"
        f"Objet: {SUBJECT}\n\n",
        mark="",
    ),
    "kmail": Style(f"On Wednesday, March 11, 2026 7:00:00 AM CET {NAME} wrote:\n"),
    "evolution": Style(f"On Wed, 2026-03-11 at 07:00 +0000, {NAME} wrote:\n"),
    "claws": Style(f"On Wed, 11 Mar 2026 07:00:00 +0000\n{NAME} <{US}> wrote:\n\n"),
    "gnus": Style(f"{NAME} <{US}> writes:\n\n"),
    "supercite": Style(
        '>>>>> "Trending" == Trending papers <papers@example.org> writes:\n\n', mark="TP> "
    ),
    "spark": Style(f"On 11 Mar 2026, 07:00 +0100, {NAME} <{US}>, wrote:\n"),
    "superhuman": Style(f"On Wed, Mar 11, 2026 at 7:00 AM, {NAME} < {US} > wrote:\n\n", mark=""),
    "hey": Style(f"On March 11, 2026, {NAME} <{US}> wrote:\n", mark=""),
    "fastmail": Style(f"On Wed, Mar 11, 2026, at 7:00 AM, {NAME} wrote:\n"),
    "naver": Style(
        f'-----Original Message-----\nFrom: "{NAME}"&lt;{US}&gt; \nTo:'
        " &lt;jane@univ.example&gt;;\nCc:\n"
        f"Sent: 2026-03-11 (수) 07:00:00 (GMT+09:00)\nSubject: {SUBJECT}\n\n",
        mark="",
    ),
    "daum": Style(
        f"--------- 원본 메일 ---------\n보낸사람: {NAME} <{US}>\n받는사람: <jane@univ.example>\n"
        f"날짜: 26.03.11 07:00 GMT +0900\n제목: {SUBJECT}\n\n",
        mark="",
    ),
    "em client": Style(
        f'------ Original Message ------\nFrom "{NAME}" <{US}>\nTo jane@univ.example\n'
        f"Date 3/11/2026 7:00:00 AM\nSubject {SUBJECT}\n\n",
        mark="",
    ),
    "claws pipes": Style(f"On Wed, 11 Mar 2026, {NAME} wrote:\n", mark="| "),
    "percent": Style(f"On Wed, 11 Mar 2026, {NAME} wrote:\n", mark="% "),
    "colon": Style(f"In article <x@example.org> {NAME} <{US}> writes:\n", mark=": "),
    "pine": Style(f"On Wed, 11 Mar 2026, {NAME} wrote:\n\n", width=60),
    "tutanota": Style(f"Mar 11, 2026, 07:00 by {US}:\n\n"),
    "gmail hr": Style(f"sri, 11. ožu 2026. u 07:00 {NAME} <{US}> napisao je:\n"),
    "gmail lt": Style(f"2026-03-11, tr, 07:00 {NAME} <{US}> rašė:\n"),
    "no mark et": Style(
        f"Kontakt {NAME} (<{US}>) kirjutas kuupäeval K, 11. märts 2026\nkell 07:00:\n", mark=""
    ),
    "no mark ca": Style(
        f"Missatge de {NAME} <{US}> del dia dc., 11 de març\n2026 a les 7:00:\n", mark=""
    ),
    "no mark bg": Style(f"На ср, 11.03.2026 г. в 7:00 {NAME} <{US}> написа:\n", mark=""),
}


ABOVE, BETWEEN, BELOW = "+1 *3", "-2", "+4"
VOTES = {
    ABOVE: [(1, Vote.UP), (3, Vote.SAVE)],
    BETWEEN: [(2, Vote.DOWN)],
    BELOW: [(4, Vote.UP)],
}
PLACES = ("", "a", "b", "c", "ab", "bc", "ac", "abc")


def rendered(titles: tuple[str, ...] = ("Graph networks", "Sparse models", "Fast search")) -> str:
    """Return the text part of an issue."""
    entries = [
        shown(
            number,
            title,
            authors=("Ashish Vaswani", "Noam Shazeer"),
            excerpt="We show what 2 of 3 models do. They gain 4 points over the best of 2025.",
            upvotes=12 * (number % 2),
            reason="Like another paper: attention" if number == 1 else "",
            excerpt_is_summary=number == 2,
        )
        for number, title in enumerate(titles, start=1)
    ]
    mail = Renderer().mail(
        "newsletter",
        list_name=NAME,
        list_address=US,
        front_url="https://papers.example.org/",
        date=date(2026, 3, 11),
        curator="AK and the research community",
        welcome=False,
        schedule="Monday to Friday at 7:00 (Europe/Berlin)",
        entries=entries,
        rate_all_url=f"{LINK}/all",
        takes_mail=True,
        unmet_interests=("protein folding", "quantum dots"),
        full=2,
        bare=False,
        ranking_note="Ranked by your 12 ratings (60 %) and by what is trending (40 %).",
        browser_url=f"{LINK}/issue",
        preferences_url=f"{LINK}/me",
        unsubscribe_url=f"{LINK}/leave",
    )
    return mail.text


ISSUE = rendered()


def quoted(style: Style, issue: str = ISSUE, *, between: str = "") -> str:
    """Return what a program puts into a reply; with words of its writer before the second paper."""
    lines = issue.splitlines()
    if style.width:
        lines = [part for line in lines for part in textwrap.wrap(line, style.width) or [""]]
    marked = [f"{style.mark}{line}".rstrip() for line in lines]
    if between:
        cut = next(number for number, line in enumerate(lines) if line.strip().startswith("2. "))
        marked[cut:cut] = ["", between, ""]
    return style.before + style.head + "\n".join(marked)


def reply(style: Style, places: str, above: str, between: str, below: str) -> str:
    """Return a reply with words above (a), between (b) and below (c) its quote."""
    text = quoted(style, between=between if "b" in places else "")
    if "a" in places:
        text = f"{above}\n\n{text}"
    return f"{text}\n\n{below}\n" if "c" in places else text


def votes(text: str) -> list[tuple[int, Vote]]:
    return list(read_ratings(without_quotes(text)).votes)


@pytest.mark.parametrize("name", STYLES)
def test_votes_of_the_reader_count_and_those_of_the_quote_do_not(name: str) -> None:
    for places in PLACES:
        wanted = zip("abc", (ABOVE, BETWEEN, BELOW), strict=True)
        expected = [vote for place, words in wanted if place in places for vote in VOTES[words]]

        assert expected == votes(reply(STYLES[name], places, ABOVE, BETWEEN, BELOW)), places


@pytest.mark.parametrize("name", STYLES)
def test_words_and_commands_are_all_that_is_left(name: str) -> None:
    style = STYLES[name]
    for places in PLACES:
        text = reply(style, places, "Hello,\nthis looks good", "I know this one", "pause 14 days")
        # Between lines that have no marks, words cannot be told from ours.
        expected = [
            line
            for place, lines in (
                ("a", ["Hello,", "this looks good"]),
                ("b", ["I know this one"] if style.mark else []),
                ("c", ["pause 14 days"]),
            )
            if place in places
            for line in lines
        ]

        assert expected == [line for line in without_quotes(text).splitlines() if line], places


@pytest.mark.parametrize("width", [14, 20, 32, 50, 65, 72, 76])
@pytest.mark.parametrize("head", ["", STYLES["outlook en"].head, STYLES["thunderbird"].head])
def test_our_example_of_votes_is_none_wherever_it_is_wrapped(head: str, width: int) -> None:
    wrapped = [part for line in ISSUE.splitlines() for part in textwrap.wrap(line, width) or [""]]
    marked = [f"> {line}" for line in ISSUE.splitlines()]
    broken = [part for line in marked for part in textwrap.wrap(line, width) or [""]]
    for lines in (wrapped, broken):
        assert votes("+1\n\n" + head + "\n".join(lines)) == [(1, Vote.UP)]


def test_our_mail_without_any_sign_that_it_is_quoted_is_a_quote() -> None:
    assert votes(f"{ISSUE}\n+4") == [(4, Vote.UP)]
    assert votes(f"+4\n\n{ISSUE}") == [(4, Vote.UP)]
    assert without_quotes(f"Thank you\n\n{ISSUE}") == "Thank you"


@pytest.mark.parametrize(
    "text",
    [
        "> +9\n+1",
        "Jane> +9\n+1",
        "| +9\n+1",
        ": +9\n+1",
        "&gt; +9\n+1",
        "> 1. a\n+1\n> 2. +9",
        "+1=20\n> +9=20",
        "+1\n-- \nJane, jane@univ.example, Room 5\n+9",
        "-- \nJane\n+9\n\nOn Monday, 9 March 2026, papers wrote:\n> +9\n\n+1",
        "On Monday, 9 March 2026, papers wrote:\n\n+1\n\n> +9\n> x",
        "+1\nOn Monday, 9 March 2026,\nX <papers@example.org>\nwrote:\n\n+9\n",
        "+1\nOn Monday, 9 March 2026, X <papers@example.org> wrote: +9\nUnsubscribe",
    ],
)
def test_marks_signatures_and_attributions_end_what_counts(text: str) -> None:
    assert votes(text) == [(1, Vote.UP)]


@pytest.mark.parametrize(
    "text",
    [
        "see you at 10:30\n+1",
        "My votes:\n+1",
        "good: +2\nbad: -3\nhour: 7\n+1",
        "hour: 7\nweekdays: mon\npapers: 5\naddress: a@example.org\n+1",
        "These on 2026-03-11:\n+1",
    ],
)
def test_words_before_votes_are_no_attribution(text: str) -> None:
    assert (1, Vote.UP) in votes(text)


OWN_LINES = [
    "+1",
    "-2 *3",
    "like 4 and 5",
    "Hello,",
    "great, thanks!",
    "",
    "see you at 10:30",
    "+1!",
]


@given(
    st.sampled_from(sorted(STYLES)),
    st.lists(st.sampled_from(OWN_LINES), max_size=6).map("\n".join),
    st.lists(st.sampled_from(OWN_LINES), max_size=6).map("\n".join),
)
def test_quote_in_any_style_adds_no_vote_and_takes_none(name: str, above: str, below: str) -> None:
    text = f"{above}\n\n{quoted(STYLES[name])}\n\n{below}"

    assert votes(f"{above}\n{below}") == votes(text)


@given(st.text(max_size=200))
def test_what_has_a_mark_never_votes(words: str) -> None:
    assert votes("\n".join(f"> {line}" for line in words.splitlines())) == []


@settings(max_examples=30)
@given(st.lists(st.sampled_from(["+9", "-9", "*9", "stop", "x", ""]), max_size=8))
def test_no_text_that_is_quoted_votes(lines: list[str]) -> None:
    for style in STYLES.values():
        text = style.before + style.head + "\n".join(f"{style.mark}{line}" for line in lines)
        if style.mark:
            assert without_quotes(text) == ""
        else:
            assert votes(text) == []
