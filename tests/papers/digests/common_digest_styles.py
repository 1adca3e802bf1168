"""Prints papers as archives, chats, notebooks and mails of the world do; measured at first sight.

Written after the reader and without a look at it, unlike the styles of ``digest_styles``.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date
from typing import Final

from digest_printing import Papers, Printer, Style, fill, joined, keycaps, link, names, with_and

from recommender.domain import DigestEntry

COMMON: Final[list[Style]] = []


def common(
    prints: str, *, wrapped: bool = False, numbered: bool = False
) -> Callable[[Printer], Printer]:
    """Enter a printer into the list."""

    def enter(write: Printer) -> Printer:
        COMMON.append(Style(write.__name__, frozenset(prints.split()), write, wrapped, numbered))
        return write

    return enter


def pdf(paper: DigestEntry) -> str:
    return f"https://arxiv.org/pdf/{paper.arxiv_id}"


def long_day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def first_sentence(text: str) -> str:
    return re.split(r"(?<=[.!?])\s", text, maxsplit=1)[0]


@common("id date")
def one_line_dash(day: date, papers: Papers) -> str:
    return f"# Papers of the day, {long_day(day)}\n\n" + joined(
        papers, lambda _, p: f"**[{p.title}]({link(p)})** — {p.abstract}"
    )


@common("date", numbered=True)
def numbered_one_line(day: date, papers: Papers) -> str:
    return f"Here are the papers of {long_day(day)}:\n\n" + joined(
        papers, lambda n, p: f"{n}. **{p.title}**: {p.abstract}", "\n"
    )


@common("id date", numbered=True)
def reddit_post(day: date, papers: Papers) -> str:
    return (
        f"[R] Papers of {long_day(day)}\n\nHi r/MachineLearning! Here is what came up today.\n\n"
        + joined(
            papers, lambda n, p: f"{n}. [{p.title}]({link(p)}) (⬆️ {p.upvotes})\n\n   {p.abstract}"
        )
        + "\n---\n\n^(I am a bot. Feedback welcome!)\n"
    )


@common("id date authors")
def details_blocks(day: date, papers: Papers) -> str:
    return f"## {day}\n\n" + joined(
        papers,
        lambda _, p: (
            f"### {p.title}\n\n{names(p)}\n\n[[PDF]]({pdf(p)}) [[arXiv]]({link(p)})\n\n"
            f"<details>\n<summary>Abstract</summary>\n\n{p.abstract}\n\n</details>"
        ),
    )


@common("id authors date")
def bold_and_quote(day: date, papers: Papers) -> str:
    return f"# Reading list of {day:%d %b %Y}\n\n" + joined(
        papers,
        lambda _, p: (
            f"**{p.title}**  \n{names(p)}  \n[arXiv:{p.arxiv_id}]({link(p)})\n\n> {p.abstract}"
        ),
    )


@common("id date")
def reference_links(day: date, papers: Papers) -> str:
    ends = "\n".join(f"[{n}]: {link(p)}" for n, p in enumerate(papers, start=1))
    return (
        f"# Weekly papers ({day})\n\n"
        + joined(papers, lambda n, p: f"## [{p.title}][{n}]\n\n{p.abstract}")
        + f"\n{ends}\n"
    )


@common("id date", wrapped=True, numbered=True)
def footnote_links(day: date, papers: Papers) -> str:
    ends = "\n".join(f"[{n}] {link(p)}" for n, p in enumerate(papers, start=1))
    return (
        f"Papers of {day}\n\n"
        + joined(papers, lambda n, p: f"* {p.title} [{n}]\n\n{fill(p.abstract, 72)}")
        + f"\nLinks:\n{ends}\n"
    )


@common("id authors date", numbered=True)
def sub_bullets(day: date, papers: Papers) -> str:
    return f"# arXiv digest – {long_day(day)}\n\n" + joined(
        papers,
        lambda n, p: (
            f"## {n}. {p.title}\n- **Authors:** {names(p)}\n- **arXiv:** [{p.arxiv_id}]({link(p)})"
            f"\n- **TL;DR:** {first_sentence(p.abstract)}\n- **Abstract:** {p.abstract}"
        ),
    )


@common("id authors date", wrapped=True)
def restructured_text(day: date, papers: Papers) -> str:
    title = f"Papers of {day}"
    return f"{title}\n{'=' * len(title)}\n\n" + joined(
        papers,
        lambda _, p: (
            f"{p.title}\n{'-' * len(p.title)}\n\n:Authors: {names(p)}\n:Link: {link(p)}\n\n"
            f"{fill(p.abstract, 79)}"
        ),
    )


@common("id authors date")
def asciidoc(day: date, papers: Papers) -> str:
    return f"= Papers\n{day}\n\n" + joined(
        papers, lambda _, p: f"== {p.title}\n\n_{names(p)}_\n\n{p.abstract}\n\n{link(p)}[arXiv]"
    )


@common("id")
def latex_itemize(_: date, papers: Papers) -> str:
    escape = lambda text: re.sub(r"(?<!\\)([%&#_])", r"\\\1", text)  # noqa: E731
    return (
        "\\begin{itemize}\n"
        + joined(
            papers,
            lambda _, p: (
                f"\\item \\textbf{{{escape(p.title)}}} \\url{{{link(p)}}}\n\n{escape(p.abstract)}"
            ),
        )
        + "\\end{itemize}\n"
    )


@common("id authors")
def org_properties(_: date, papers: Papers) -> str:
    return "#+TITLE: Papers\n\n* Reading list\n" + joined(
        papers,
        lambda _, p: (
            f"** TODO [[{link(p)}][{p.title}]]\n:PROPERTIES:\n:AUTHORS: {names(p)}\n:END:\n\n"
            f"{p.abstract}"
        ),
    )


@common("id date")
def obsidian_note(day: date, papers: Papers) -> str:
    return f"---\ndate: {day}\ntags: [papers, daily]\n---\n\n# Papers\n\n" + joined(
        papers, lambda _, p: f"## [[{p.title}]]\n\n> [!abstract]\n> {p.abstract}\n\nLink: {link(p)}"
    )


@common("id date authors")
def notion_export(day: date, papers: Papers) -> str:
    return f"# Papers – {long_day(day)}\n\n" + joined(
        papers,
        lambda _, p: (
            f"## 📄 {p.title}\n\nAuthors: {names(p)}\nTags: NLP, LLM\nURL: {link(p)}\n\n"
            f"{p.abstract}"
        ),
    )


@common("id")
def slack_copy(_: date, papers: Papers) -> str:
    return joined(
        papers, lambda _, p: f"papers-bot\nAPP  9:41 AM\n{p.title}\n{link(p)}\n{p.abstract}"
    )


@common("id date")
def discord_bot(day: date, papers: Papers) -> str:
    return f"**papers-bot** — {day:%m/%d/%Y} 9:00 AM\n\n" + joined(
        papers, lambda _, p: f"📄 **{p.title}**\n🔗 <{link(p)}>\n>>> {p.abstract}"
    )


@common("id date")
def badge_lines(day: date, papers: Papers) -> str:
    return f"# Awesome papers\n\n## {day}\n\n" + joined(
        papers,
        lambda _, p: (
            f"- **{p.title}** [[PDF]]({pdf(p)}) [[arXiv]]({link(p)}) ⭐ {p.upvotes}\n\n"
            f"  {p.abstract}"
        ),
    )


@common("id authors date", numbered=True)
def weekly_summary(day: date, papers: Papers) -> str:
    return (
        f"# Weekly Research Summary\n\n**Week of {long_day(day)}**\n\n"
        + joined(
            papers,
            lambda n, p: (
                f"### {n}. {p.title}\n\n**Authors:** {names(p)}\n**Link:** {link(p)}\n\n"
                f"**Summary:** {p.abstract}\n\n**Why it matters:** It may change how people work."
            ),
            "\n\n---\n\n",
        )
        + "\n*Generated with love.*\n"
    )


@common("id date")
def emoji_sections(day: date, papers: Papers) -> str:
    half = max(1, len(papers) // 2)
    item = lambda _, p: f"- **{p.title}** — {p.abstract} [Paper]({link(p)})"  # noqa: E731
    return f"# 🗞️ AI papers, {long_day(day)}\n\n## 🧠 Reasoning\n\n{joined(papers[:half], item)}" + (
        f"\n## 🖼️ Vision\n\n{joined(papers[half:], item)}" if papers[half:] else ""
    )


@common("date", numbered=True)
def read_more(day: date, papers: Papers) -> str:
    return (
        f"The Example Weekly\n\n{long_day(day)}\n\nWelcome back! Let's dive in.\n\n"
        + joined(papers, lambda n, p: f"{keycaps(n)} {p.title}\n\n{p.abstract}\n\nRead the paper →")
        + "\nThat's all for today. See you next week!\n"
    )


@common("date id")
def two_paragraphs(day: date, papers: Papers) -> str:
    # An abstract with a break behind its first sentence, as publishers' have them.
    parted = lambda text: re.sub(r"(?<=[a-z]{3}[.!?]) (?=[A-Z])", "\n\n", text, count=1)  # noqa: E731
    return f"# Papers of {day}\n\n" + joined(
        papers, lambda _, p: f"## {p.title}\n\n{parted(p.abstract)}\n\n[Paper]({link(p)})"
    )


@common("id authors", numbered=True)
def enhanced_listing(_: date, papers: Papers) -> str:
    return "# cs.CL [Total: 30]\n\n" + joined(
        papers,
        lambda n, p: (
            f"### [{n}] [{p.title}]({link(p)})\n*{names(p)}*\n\nMain category: cs.CL\n\n"
            f"TL;DR: {first_sentence(p.abstract)}\n\n<details>\n  <summary>Details</summary>\n"
            f"Motivation: Nobody knows.\n\nMethod: We try.\n\nAbstract: {p.abstract}\n\n</details>"
        ),
    )


@common("id authors date")
def archive_labels(day: date, papers: Papers) -> str:
    return f"# {day}\n\n" + joined(
        papers,
        lambda _, p: (
            f"#### **{p.title}**\n\n- **Authors**: {names(p)}\n- **Subjects**: Machine Learning "
            f"(cs.LG)\n- **Comments**: 12 pages, 5 figures\n- **arXiv**: {link(p)}\n"
            f"- **Abstract**: {p.abstract}"
        ),
    )


@common("id authors date", wrapped=True)
def wrapped_mail(day: date, papers: Papers) -> str:
    return (
        f"Dear all,\n\nthese are the papers of {day.day} {day:%B %Y}.\n\n"
        + joined(
            papers,
            lambda _, p: (
                f"{fill(p.title, 72)}\n{fill(with_and(p), 72)}\n{link(p)}\n\n{fill(p.abstract, 72)}"
            ),
            f"\n\n{'-' * 72}\n\n",
        )
        + "\nBest,\nAnn\n"
    )


@common("id date authors")
def html_cards(day: date, papers: Papers) -> str:
    return f"<html><body><h1>Papers of {long_day(day)}</h1>\n" + (
        joined(
            papers,
            lambda _, p: (
                f'<div class="card"><h2>{html.escape(p.title)}</h2>\n'
                f"<p>Authors: {html.escape(names(p))}</p>\n<p>{html.escape(p.abstract)}</p>\n"
                f'<p><a href="{link(p)}">Read the paper</a></p></div>'
            ),
            "\n",
        )
        + "</body></html>\n"
    )


@common("id authors date", numbered=True)
def numbered_with_labels(day: date, papers: Papers) -> str:
    return f"**Top papers, {day:%d.%m.%Y}**\n\n" + joined(
        papers,
        lambda n, p: (
            f"{n}. **{p.title}**\n   - Authors: {names(p)}\n   - Link: [{p.arxiv_id}]({link(p)})\n"
            f"   - Abstract: {p.abstract}"
        ),
    )


@common("id date")
def bold_link_paragraph(day: date, papers: Papers) -> str:
    return f"**{day}**\n\n" + joined(
        papers, lambda _, p: f"**[{p.title}]({link(p)})**\n{p.abstract}"
    )


@common("id authors date")
def authors_in_parentheses(day: date, papers: Papers) -> str:
    return f"## Papers, {long_day(day)}\n\n" + joined(
        papers,
        lambda _, p: f"**{p.title}** ({names(p)})\n\n{p.abstract}\n\n[Link]({link(p)})",
    )


STYLES: Final = tuple(COMMON)
