"""Prints papers as people pass them on: newsletters, READMEs, exports, listings, mails.

Two halves: ``TUNED``, on which the reader was made, and ``HELD_OUT``, which were written before it
and only measured. Each style says what it prints beside title and abstract.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import date
from typing import Final

from digest_printing import (
    Papers,
    Printer,
    Style,
    escaped,
    fill,
    joined,
    keycaps,
    link,
    names,
    with_and,
)

TUNED: Final[list[Style]] = []
HELD_OUT: Final[list[Style]] = []


def style(
    prints: str, *, held_out: bool = False, wrapped: bool = False, numbered: bool = False
) -> Callable[[Printer], Printer]:
    """Enter a printer into one of the two lists."""

    def enter(write: Printer) -> Printer:
        (HELD_OUT if held_out else TUNED).append(
            Style(write.__name__, frozenset(prints.split()), write, wrapped, numbered)
        )
        return write

    return enter


# Tuned.


@style("date")
def turns(day: date, papers: Papers) -> str:
    return f"by Ann Example\n\n{day:%B} {day.day}, {day.year}\n\n" + joined(
        papers, lambda _, p: f"{p.title}\n\n{p.abstract}"
    )


@style("date", wrapped=True)
def turns_wrapped(day: date, papers: Papers) -> str:
    return f"{day.day} {day:%B %Y}\n\n" + joined(
        papers, lambda _, p: f"{fill(p.title)}\n\n{fill(p.abstract)}"
    )


@style("date id")
def heading_and_link(day: date, papers: Papers) -> str:
    return f"# Daily papers {day}\n\n" + joined(
        papers, lambda _, p: f"## {p.title}\n\n{p.abstract}\n\n{link(p)}"
    )


@style("date id authors")
def heading_bold_labels(day: date, papers: Papers) -> str:
    return f"# Papers of {day}\n\n" + joined(
        papers,
        lambda _, p: (
            f"### [{p.title}]({link(p)})\n\n**Authors:** {names(p)}\n\n**Abstract:** {p.abstract}"
            "\n\n---"
        ),
    )


@style("date authors id", numbered=True)
def numbered_headings(day: date, papers: Papers) -> str:
    return f"# arXiv digest\n\n_{day}_\n\n" + joined(
        papers,
        lambda n, p: (
            f"## {n}. {p.title}\n\n*{names(p)}*\n\n{p.abstract}\n\n[arXiv]({link(p)}) | "
            f"[PDF](https://arxiv.org/pdf/{p.arxiv_id})"
        ),
    )


@style("authors id", wrapped=True)
def labels(_: date, papers: Papers) -> str:
    return joined(
        papers,
        lambda _, p: (
            f"{fill(p.title, indent='  ', first='Title: ')}\n"
            f"{fill(names(p), indent='  ', first='Authors: ')}\n"
            f"{fill(p.abstract, indent='  ', first='Abstract: ')}\nURL: {link(p)}"
        ),
    )


@style("date id", numbered=True)
def numbered_bold(day: date, papers: Papers) -> str:
    return (
        f"Hi all,\n\nhere are the papers of {day:%d.%m.%Y}:\n\n"
        + joined(papers, lambda n, p: f"{n}. **[{p.title}]({link(p)})**\n\n   {p.abstract}")
        + "\nBest wishes,\nAnn\n"
    )


@style("id")
def bullet_bold_dash(_: date, papers: Papers) -> str:
    return "# Papers\n\n" + joined(
        papers, lambda _, p: f"- **{p.title}** - {p.abstract} ([arXiv]({link(p)}))", "\n"
    )


@style("date id authors")
def table(day: date, papers: Papers) -> str:
    rows = joined(
        papers,
        lambda _, p: f"| [{p.title}]({link(p)}) | {names(p)} | {escaped(p.abstract)} |",
        "\n",
    )
    return f"## Papers for {day}\n\n| Title | Authors | Abstract |\n|---|---|---|\n{rows}"


@style("id authors date")
def emoji_lines(day: date, papers: Papers) -> str:
    return f"🔥 Top papers — {day:%b} {day.day}, {day.year}\n\n" + joined(
        papers,
        lambda _, p: f"📄 {p.title}\n👥 {names(p)}\n📝 {p.abstract}\n🔗 {link(p)}",
    )


@style("id authors")
def pasted_html(_: date, papers: Papers) -> str:
    return joined(
        papers,
        lambda _, p: (
            f'<h3><a href="{link(p)}">{html.escape(p.title)}</a></h3>\n'
            f"<p><em>{html.escape(names(p))}</em></p>\n<p>{html.escape(p.abstract)}</p>"
        ),
        "\n",
    )


@style("id authors", wrapped=True)
def arxiv_mail(_: date, papers: Papers) -> str:
    rule = "-" * 78
    return f"{rule}\n" + joined(
        papers,
        lambda _, p: (
            "\\\\\n"
            f"arXiv:{p.arxiv_id}\nDate: Mon, 1 Jan 2024 10:00:00 GMT   (12kb)\n\n"
            f"{fill(p.title, 78, '  ', 'Title: ')}\n{fill(names(p), 78, '  ', 'Authors: ')}\n"
            f"Categories: cs.LG cs.AI\n\\\\\n{fill(p.abstract, 78, '  ')}\n"
            f"\\\\ ( {link(p)} ,  12kb)\n{rule}"
        ),
        "\n",
    )


@style("date id")
def setext(day: date, papers: Papers) -> str:
    return f"Reading list {day}\n=======================\n\n" + joined(
        papers, lambda _, p: f"{p.title}\n{'-' * 40}\n\n{p.abstract}\n\nLink: <{link(p)}>"
    )


@style("id authors", wrapped=True, numbered=True)
def bracket_numbers(_: date, papers: Papers) -> str:
    return joined(
        papers,
        lambda n, p: (
            f"[{n}] {p.title}\nby {with_and(p)}\n\n{fill(p.abstract, 72)}\n\narXiv:{p.arxiv_id}"
        ),
    )


@style("id date")
def slack(day: date, papers: Papers) -> str:
    return f"Daily papers for {day:%A}, {day:%B} {day.day}, {day.year}\n\n" + joined(
        papers, lambda _, p: f"*<{link(p)}|{p.title}>*\n>{html.escape(p.abstract, quote=False)}"
    )


@style("id authors date")
def sections(day: date, papers: Papers) -> str:
    half = max(1, len(papers) // 2)
    item = lambda _, p: (  # noqa: E731
        f"### {p.title}\n\n- **Authors:** {names(p)}\n- **Link:** {link(p)}\n"
        f"- **Summary:** {p.abstract}"
    )
    return (
        f"# Weekly digest\n\n**{day:%B} {day.day}, {day.year}**\n\n## Language\n\n"
        + joined(papers[:half], item)
        + ("\n## Vision\n\n" + joined(papers[half:], item) if papers[half:] else "")
        + "\n---\n\nYou get this because you signed up at https://example.org/list.\nUnsubscribe\n"
    )


@style("id date")
def plain_with_url(day: date, papers: Papers) -> str:
    return f"{day}\n\n" + joined(papers, lambda _, p: f"{p.title}\n\n{p.abstract}\n{link(p)}")


@style("id authors")
def plain_records(_: date, papers: Papers) -> str:
    return joined(papers, lambda _, p: f"{p.title}\nAuthors: {names(p)}\n{link(p)}\n\n{p.abstract}")


@style("date id", numbered=True)
def german(day: date, papers: Papers) -> str:
    months = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
    written = f"{day.day}. {months.split()[day.month - 1]} {day.year}"
    return (
        f"Liebe alle,\n\nhier die neuen Arbeiten.\n\n{written}\n\n"
        + joined(
            papers,
            lambda n, p: f"{n}) {p.title}\n\nZusammenfassung: {p.abstract}\n\nLink: {link(p)}",
        )
        + "\nViele Grüße\nAnn\n"
    )


@style("date id authors")
def chinese(day: date, papers: Papers) -> str:
    return f"# 每日论文\n\n{day.year}年{day.month}月{day.day}日\n\n" + joined(
        papers,
        lambda _, p: f"标题：{p.title}\n作者：{names(p)}\n摘要：{p.abstract}\n链接：{link(p)}",
    )


@style("date id authors")
def with_sponsor(day: date, papers: Papers) -> str:
    sponsor = (
        "## Sponsor: Example Clouds\n\nTrain your models for less at Example Clouds. "
        "Use the code PAPERS.\n\n[Try it](https://example.org/clouds)\n\n"
    )
    parts = joined(
        papers,
        lambda _, p: f"## {p.title}\n\nBy {with_and(p)}\n\n{p.abstract}\n\n[Read it]({link(p)})",
    ).split("\n\n## ", 1)
    rest = f"## {parts[1]}" if len(parts) > 1 else ""
    return f"# The digest, {day}\n\n{parts[0]}\n\n{sponsor}{rest}\nUnsubscribe\n"


@style("id")
def inline_links(_: date, papers: Papers) -> str:
    return joined(papers, lambda _, p: f"* [{p.title}]({link(p)}): {p.abstract}", "\n")


# Held out.


@style("date id authors", held_out=True)
def awesome_readme(day: date, papers: Papers) -> str:
    return f"# Awesome papers\n\nUpdated on {day}\n\n## New\n\n" + joined(
        papers,
        lambda _, p: (
            f"- **[{p.title}]({link(p)})**\n  - *Authors*: {names(p)}\n  - *Abstract*: {p.abstract}"
        ),
        "\n",
    )


@style("id authors date", held_out=True)
def substack(day: date, papers: Papers) -> str:
    return (
        f"Welcome to this week's issue!\n\n{day:%b} {day.day}, {day.year}\n\n"
        + joined(
            papers,
            lambda _, p: f"**{p.title}**\n\n*{with_and(p)}*\n\n{p.abstract}\n\n[Paper]({link(p)})",
            "\n\n* * *\n\n",
        )
        + "\nThanks for reading! Subscribe for free to receive new posts.\n"
    )


@style("id date authors", held_out=True, numbered=True)
def llm_digest(day: date, papers: Papers) -> str:
    return f"Here is a summary of today's papers ({day}):\n\n---\n\n" + joined(
        papers,
        lambda n, p: (
            f"### {n}. **{p.title}**\n**Authors**: {names(p)}  \n**arXiv**: {p.arxiv_id}  \n"
            f"**Abstract**: {p.abstract}"
        ),
        "\n\n---\n\n",
    )


@style("id authors", held_out=True)
def small_labels(_: date, papers: Papers) -> str:
    return joined(
        papers,
        lambda _, p: (
            f"title: {p.title}\nauthors: {names(p)}\narxiv: {p.arxiv_id}\nabstract: {p.abstract}"
        ),
    )


@style("id", held_out=True, wrapped=True, numbered=True)
def numbered_hanging(_: date, papers: Papers) -> str:
    return joined(
        papers,
        lambda n, p: (
            f"{fill(p.title, 72, '    ', f'{n:>2}. ')}\n\n{fill(p.abstract, 72, '    ')}\n\n"
            f"    {link(p)}"
        ),
    )


@style("id authors date", held_out=True)
def wide_table(day: date, papers: Papers) -> str:
    rows = joined(
        papers,
        lambda n, p: f"{n} | {p.title} | {names(p)} | {p.abstract} | [link]({link(p)})",
        "\n",
    )
    return (
        f"Papers {day}\n\n# | Title | Authors | Summary | Link\n:-: | --- | --- | --- | ---\n{rows}"
    )


@style("id authors", held_out=True)
def html_list(_: date, papers: Papers) -> str:
    return (
        "<div>\n<ol>\n"
        + joined(
            papers,
            lambda _, p: (
                f'<li><b><a href="{link(p)}">{html.escape(p.title)}</a></b><br>\n'
                f"{html.escape(names(p))}<br>\n{html.escape(p.abstract)}</li>"
            ),
            "\n",
        )
        + "</ol>\n</div>\n"
    )


@style("id authors date", held_out=True)
def french(day: date, papers: Papers) -> str:
    months = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
    written = f"{day.day} {months.split()[day.month - 1]} {day.year}"
    return (
        f"Bonjour à tous,\n\nvoici les articles du {written} :\n\n"
        + joined(
            papers,
            lambda _, p: (
                f"Titre : {p.title}\nAuteurs : {names(p)}\nRésumé : {p.abstract}\nLien : {link(p)}"
            ),
        )
        + "\nBonne lecture !\n"
    )


@style("id authors date", held_out=True)
def japanese(day: date, papers: Papers) -> str:
    return f"{day.year}年{day.month}月{day.day}日の論文\n\n" + joined(
        papers,
        lambda _, p: f"■ {p.title}\n著者: {names(p)}\n概要: {p.abstract}\nURL: {link(p)}",
    )


@style("id authors date", held_out=True)
def spanish(day: date, papers: Papers) -> str:
    months = (
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
    )
    return f"# Artículos del {day.day} de {months.split()[day.month - 1]} de {day.year}\n\n" + (
        joined(
            papers,
            lambda _, p: (
                f"## {p.title}\n\n**Autores:** {names(p)}\n\n**Resumen:** {p.abstract}\n\n"
                f"**Enlace:** {link(p)}"
            ),
        )
    )


@style("id date", held_out=True)
def abstract_headings(day: date, papers: Papers) -> str:
    return f"# {day:%d %B %Y}\n\n" + joined(
        papers,
        lambda _, p: f"## {p.title}\n\n### Abstract\n\n{p.abstract}\n\n### Link\n\n{link(p)}",
    )


@style("id authors", held_out=True)
def plain_line_records(_: date, papers: Papers) -> str:
    return joined(
        papers,
        lambda _, p: f"{p.title}\n{with_and(p)}\n{p.abstract}\nhttps://arxiv.org/pdf/{p.arxiv_id}",
    )


@style("id authors date", held_out=True)
def quoted_mail(day: date, papers: Papers) -> str:
    return (
        f"Dear colleagues,\n\nPlease find below the papers of {day}.\n\n"
        + joined(
            papers,
            lambda _, p: f"* {p.title}\n\n  {with_and(p)}\n\n  {p.abstract}\n\n  {link(p)}",
        )
        + "\n-- \nAnn Example\nExample University\n"
    )


@style("id date authors", held_out=True)
def scored(day: date, papers: Papers) -> str:
    return f"# 📚 Daily papers\n\n📅 {day}\n\n" + joined(
        papers,
        lambda n, p: (
            f"## {n}. {p.title}\n\n⭐ Upvotes: {p.upvotes}\n\n👤 Authors: {names(p)}\n\n"
            f"> {p.abstract}\n\n🔗 [Paper]({link(p)}) · [HF](https://huggingface.co/papers/{p.arxiv_id})"
        ),
    )


@style("id", held_out=True)
def title_with_id(_: date, papers: Papers) -> str:
    return joined(papers, lambda _, p: f"{p.title} (arXiv:{p.arxiv_id})\n\n{p.abstract}")


@style("id", held_out=True)
def bold_colon(_: date, papers: Papers) -> str:
    return joined(papers, lambda _, p: f"**{p.title}**: {p.abstract} [[paper]({link(p)})]")


@style("id date authors", held_out=True)
def joined_days(day: date, papers: Papers) -> str:
    half = max(1, len(papers) // 2)
    item = lambda _, p: (  # noqa: E731
        f"**{p.title}** ([arXiv:{p.arxiv_id}]({link(p)}))\n{names(p)}\n\n{p.abstract}"
    )
    second = f"\n## {day}\n\n{joined(papers[half:], item)}" if papers[half:] else ""
    return (
        f"## {date.fromordinal(day.toordinal() - 1)}\n\n{joined(papers[:half], item)}{second}"
        + ("" if second else f"\n## {day}\n")
    )


@style("id authors", held_out=True, wrapped=True)
def shouted_labels(_: date, papers: Papers) -> str:
    return joined(
        papers,
        lambda _, p: (
            f"TITLE: {p.title}\nAUTHORS: {names(p)}\nLINK: {link(p)}\n\nABSTRACT:\n"
            f"{fill(p.abstract, 76)}"
        ),
        "\n\n" + "=" * 60 + "\n\n",
    )


@style("id", held_out=True, wrapped=True)
def org_mode(_: date, papers: Papers) -> str:
    return "#+TITLE: Papers\n\n" + joined(
        papers, lambda _, p: f"** {p.title}\n{fill(p.abstract, 78, '   ')}\n   {link(p)}"
    )


@style("id authors", held_out=True, numbered=True)
def emoji_numbers(_: date, papers: Papers) -> str:
    return joined(
        papers,
        lambda n, p: f"{keycaps(n)} {p.title}\n\n✍️ {with_and(p)}\n\n{p.abstract}\n\n👉 {link(p)}",
    )


@style("id date authors", held_out=True)
def vietnamese(day: date, papers: Papers) -> str:
    return f"Bản tin ngày {day.day} tháng {day.month} năm {day.year}\n\n" + joined(
        papers,
        lambda _, p: (
            f"Tiêu đề: {p.title}\nTác giả: {names(p)}\nTóm tắt: {p.abstract}\nLiên kết: {link(p)}"
        ),
    )


STYLES: Final = (*TUNED, *HELD_OUT)
