"""Mail: the text that a reader of an HTML mail sees, without what was quoted. Pure."""

from __future__ import annotations

from html.parser import HTMLParser

from recommender.mail.inbox.quotes import LONGEST_TEXT


class _VisibleText(HTMLParser):
    """Text of HTML: line breaks where readers see them, without quotes, styles and scripts."""

    BREAKS = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3"})
    SILENT = frozenset({"style", "script", "head", "title", "blockquote"})
    VOID = frozenset({"br", "img", "hr", "meta", "link", "input"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.silent = 0
        self.open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.BREAKS:
            self.pieces.append("\n")
        if tag in self.VOID:
            return
        classes = " ".join(value or "" for name, value in attrs if name in ("class", "id"))
        is_quote = (
            "gmail_quote" in classes or "yahoo_quoted" in classes or "divRplyFwdMsg" in classes
        )
        hides = tag in self.SILENT or is_quote
        self.open.append(hides)
        self.silent += hides

    def handle_endtag(self, tag: str) -> None:
        if tag in self.BREAKS:
            self.pieces.append("\n")
        if tag not in self.VOID and self.open:
            self.silent -= self.open.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.pieces.append(data)


def text_of_html(html: str) -> str:
    """Return what is seen, a line for each line."""
    visible = _VisibleText()
    visible.feed(html[: LONGEST_TEXT * 10])
    visible.close()
    lines = ("".join(visible.pieces)).splitlines()
    return "\n".join(" ".join(line.split()) for line in lines)
