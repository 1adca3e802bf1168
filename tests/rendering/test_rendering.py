"""Rendering: what any template may rely on."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.errors import TemplateError
from recommender.rendering import RenderedMail, Renderer, default_templates
from recommender.rendering.filters import TEXT_WIDTH, as_title, marked, safe_url, shortened, wrapped
from recommender.rendering.inlining import CONSTRUCT, css_inliner, inline_css
from recommender.wording import one_line

WEDNESDAY = date(2026, 3, 11)
INLINE = css_inliner(default_templates() / "mail" / "mail.css")
INLINE("<p></p>")  # It loads what it needs now, and not within a test that is timed.


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an own template folder with a style sheet."""
    (tmp_path / "mail").mkdir()
    (tmp_path / "web").mkdir()
    (tmp_path / "mail" / "mail.css").write_text(
        ".a { color: red; }\n@media print { .a { top: 0 } }"
    )
    return tmp_path


def write_mail(
    folder: Path, *, subject: str = "s", text: str = "t", html: str = "<p>h</p>"
) -> None:
    (folder / "mail" / "m.subject.txt").write_text(subject)
    (folder / "mail" / "m.txt").write_text(text)
    (folder / "mail" / "m.html").write_text(html)


# --- any template ---------------------------------------------------------------------------------


def test_a_mail_is_its_three_templates(folder: Path) -> None:
    write_mail(folder, subject="On {{ x }}", text="\nDear {{ x }}\n\n", html="<p>{{ x }}</p>\n")
    expected = RenderedMail(subject="On a & b", text="Dear a & b\n", html="<p>a &amp; b</p>\n")
    assert expected == Renderer(folder).mail("m", x="a & b")


def test_a_page_is_escaped_and_knows_the_filters(folder: Path) -> None:
    (folder / "web" / "p.html").write_text('<p title="{{ t }}">{{ day | long_date }}</p>')
    assert (
        Renderer(folder).page("p", t='"<', day=WEDNESDAY)
        == '<p title="&#34;&lt;">Wednesday, 11 March 2026</p>'
    )


def test_a_value_may_have_the_name_of_a_parameter(folder: Path) -> None:
    (folder / "web" / "p.html").write_text("{{ name }} {{ self_ }}")
    assert Renderer(folder).page("p", name="a", self_="b") == "a b"


@given(value=st.text())
def test_any_text_folds_to_one_line_without_control_characters(value: str) -> None:
    line = one_line(value)
    assert value.split() == [] or line.splitlines() == [line] or line == ""
    assert not any(unicodedata.category(character) in {"Cc", "Zl", "Zp"} for character in line)


def test_a_subject_is_one_line(folder: Path) -> None:
    write_mail(folder, subject="\nOn\r\n{{ x }}\n")
    assert Renderer(folder).mail("m", x="a\x00\u2028b\nBcc: c").subject == "On a b Bcc: c"


def test_a_missing_template_is_named(folder: Path) -> None:
    with pytest.raises(TemplateError, match=r"template 'web/gone\.html' is missing in .*restore"):
        Renderer(folder).page("gone")


def test_a_missing_folder_is_told_when_the_renderer_is_made(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"cannot read .*mail\.css .*restore it"):
        Renderer(tmp_path / "none")


def test_a_missing_value_is_told_with_template_and_line(folder: Path) -> None:
    (folder / "web" / "p.html").write_text("<p>\n{{ here }}\n{{ absent }}\n</p>")
    with pytest.raises(TemplateError, match=r"'web/p\.html' line 3: 'absent' is undefined"):
        Renderer(folder).page("p", here=1)


def test_a_line_in_an_error_is_that_of_the_file_and_not_of_the_inlined_source(folder: Path) -> None:
    html = (
        "<!doctype html>\n<html>\n\n<head>\n</head>\n\n<body\n  class='a'>\n\n\n{{ absent }}</body>"
    )
    write_mail(folder, html=html)
    with pytest.raises(TemplateError, match=r"'mail/m\.html' line 11: 'absent' is undefined"):
        Renderer(folder).mail("m")


def test_an_error_in_an_included_template_names_that_one(folder: Path) -> None:
    (folder / "web" / "part.html").write_text("\n{{ absent }}")
    (folder / "web" / "p.html").write_text("{% include 'web/part.html' %}")
    with pytest.raises(TemplateError, match=r"'web/part\.html' line 2: 'absent' is undefined"):
        Renderer(folder).page("p")


def test_a_broken_statement_is_told_with_template_and_line(folder: Path) -> None:
    write_mail(folder, html="<p>\n\n{% if %}</p>")
    with pytest.raises(TemplateError, match=r"'mail/m\.html' line 3: .*; nothing was rendered"):
        Renderer(folder).mail("m")


def test_a_value_of_the_wrong_kind_is_a_template_error(folder: Path) -> None:
    (folder / "web" / "p.html").write_text("\n{{ day | long_date }}")
    with pytest.raises(TemplateError, match=r"'web/p\.html' line 2: .*"):
        Renderer(folder).page("p", day="tomorrow")


# --- inlining the style sheet ---------------------------------------------------------------------


def test_rules_are_inlined_and_media_rules_stay_in_the_head(folder: Path) -> None:
    write_mail(folder, html="<!doctype html><html><head></head><body class='a'>x</body></html>")
    html = Renderer(folder).mail("m").html
    assert '<body class="a" style="color:red">x</body>' in html
    assert "@media print" in html.partition("</head>")[0]


def test_html_is_ascii_whoever_wrote_a_paper(folder: Path) -> None:
    write_mail(folder, html="<!doctype html><title>👍 {{ x }}</title><body>👍&nbsp;{{ x }}</body>")
    html = Renderer(folder).mail("m", x="Łukasz – 論文").html
    assert html.isascii()
    assert "<title>👍 Łukasz – 論文</title>" in unescape(html)
    assert "👍\u00a0Łukasz – 論文</body>" in unescape(html)


def test_html_in_another_script_stays_as_it_is(folder: Path) -> None:
    """As references it would be twice as long as in base64."""
    write_mail(folder, html="<p>{{ x }}</p>")
    assert "論文" * 100 in Renderer(folder).mail("m", x="論文" * 100).html


def test_style_sheet_beyond_ascii_is_refused_with_the_mend(folder: Path) -> None:
    """Inside it a character reference would be read as what it looks like."""
    (folder / "mail" / "mail.css").write_text('p::before { content: "→" } /* → */')
    with pytest.raises(TemplateError, match=r"mail\.css holds '→', .* write it as \\2192"):
        Renderer(folder)


def test_expressions_with_quotes_and_brackets_survive_in_attributes_and_text() -> None:
    source = """<a class="a" href="{{ f("<'>") }}">{{ g('}}') if a > b else "</a>" }}</a>"""
    assert (
        inline_css(source, INLINE)
    ) == """<a class="a" href="{{ f("<'>") }}">{{ g('}}') if a > b else "</a>" }}</a>"""


def test_statements_between_table_rows_stay_between_them(folder: Path) -> None:
    html = """<table><tbody>{% for x in xs %}{# it's a row #}<tr class="a"><td>{{ x }}</td></tr>
      {% endfor %}</tbody></table>"""
    write_mail(folder, html=html)
    row = '<tr class="a" style="color:red"><td>{}</td></tr>\n'
    expected = f"<table><tbody>{row.format(1)}{row.format(2)}</tbody></table>\n"
    assert expected == Renderer(folder).mail("m", xs=[1, 2]).html


TEXT = st.sampled_from(["", " ", "text ", "&amp;", "é"])
EXPRESSION = st.sampled_from(["{{ a }}", "{{ a['<b>'] }}", '{{ "}}" }}', "{# it's #}", "{{- a -}}"])
CELL = st.builds(
    "<td class='a' title='{1}'>{0}{1}<br>{2}</td>".format, TEXT, EXPRESSION, EXPRESSION
)
ROWS = st.recursive(
    st.builds("<tr>{}{}</tr>\n".format, CELL, CELL),
    lambda rows: st.one_of(
        st.builds("{{% if a %}}{}{{% else %}}\n{}{{% endif %}}".format, rows, rows),
        st.builds("{{% for b in a %}}\n  {}{{% endfor %}}".format, rows),
        st.builds("{}{}".format, rows, rows),
    ),
    max_leaves=6,
)


@given(rows=ROWS, before=EXPRESSION, after=EXPRESSION)
def test_no_construct_is_lost_or_reordered(rows: str, before: str, after: str) -> None:
    source = f"<p class='a'>{before}</p><table>\n<tbody>{rows}</tbody></table>{after}"
    inlined = inline_css(source, INLINE)
    assert CONSTRUCT.findall(source) == CONSTRUCT.findall(inlined)


def test_a_construct_that_the_inliner_would_lose_is_refused_with_its_line(folder: Path) -> None:
    write_mail(folder, html="<p>{{ a }}</p>\n<p class='a'\n class='{{ b }}'>{{ c }}</p>")
    with pytest.raises(TemplateError, match=r"'mail/m\.html' line 3: .*'\{\{ b \}\}' or lost it"):
        Renderer(folder).mail("m", a=1, b=2, c=3)


# --- filters --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://arxiv.org/abs/1706.03762", "https://arxiv.org/abs/1706.03762"),
        (" HTTP://example.org/?a=1&b=2#c ", "HTTP://example.org/?a=1&b=2#c"),
        ("mailto:papers@example.org", "mailto:papers@example.org"),
        ('https://example.org/?b="x"<y>%20', "https://example.org/?b=%22x%22%3Cy%3E%20"),
        ("javascript:alert(1)", ""),
        ("java\tscript:alert(1)", ""),
        ("https://example.org/\nfoo", ""),
        ("data:text/html,x", ""),
        ("//example.org/x", ""),
        ("/abs/1", ""),
        ("https:", ""),
        ("mailto:", ""),
        ("https://[::1", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_only_absolute_web_and_mail_links_are_safe(url: str | None, expected: str) -> None:
    assert expected == safe_url(url)


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("x" * 980, "x" * 59 + "…"),
        (f"On {'x' * 61}: and {'y' * 60}", f"On {'x' * 59}… and {'y' * 60}"),
        (r"$\ell_2$ of " + "y" * 61, "ℓ₂ of " + "y" * 59 + "…"),
        ("N-methyl-" * 20, "N-methyl-" * 20),
        ("深層学習の" * 20, "深層学習の" * 20),
        ("การเรียนรู้" * 10, "การเรียนรู้" * 10),
        ("Ж" * 70, "Ж" * 59 + "…"),
    ],
)
def test_word_that_would_bury_the_page_is_shortened(title: str, shown: str) -> None:
    assert as_title(title) == shown


@pytest.mark.parametrize(
    ("text", "found", "said"),
    [
        (r"In $\mathcal{O}(n^2)$ steps", "steps", "In O(n²) <mark>steps</mark>"),
        (r"In $\mathcal{O}(n^2)$ steps", "mathcal steps", "In O(n²) <mark>steps</mark>"),
        (r"In \(\ell_2\) or $$\ell_1$$", "ell", "In ℓ₂ or ℓ₁"),
        (
            r"\emph{Graph} nets, ``deep'' sets",
            "Graph deep sets",
            "Graph nets, “deep” <mark>sets</mark>",
        ),
        (
            "From $5 to 10$ for sorting",
            "to sorting",
            "From $5 <mark>to</mark> 10$ for <mark>sorting</mark>",
        ),
        (
            r"Nets of $k$ parts",
            "of $k$ parts",
            "Nets <mark>of</mark> <mark>k</mark> <mark>parts</mark>",
        ),
    ],
)
def test_what_was_looked_for_within_a_formula_leaves_it_whole(
    text: str, found: str, said: str
) -> None:
    looked_for = "|".join(map(re.escape, found.split()))
    pieces = [
        (piece, number % 2 == 1) for number, piece in enumerate(re.split(f"({looked_for})", text))
    ]

    assert marked(pieces) == said


def test_what_was_looked_for_is_marked_and_all_of_it_escaped() -> None:
    pieces = [("a <i>", False), ("<b>" + "x" * 70, True), ("& $\\alpha$", False)]
    said = marked(pieces)
    assert said == f"a &lt;i&gt;<mark>&lt;b&gt;{'x' * 56}…</mark>&amp; α"
    assert hasattr(said, "__html__")


@given(text=st.text(), indent=st.integers(0, 8))
def test_wrapping_keeps_the_words_and_the_width(text: str, indent: int) -> None:
    lines = (" " * indent + wrapped(text, indent)).splitlines()
    assert "".join(wrapped(text).split()) == "".join(text.split()) or not text.isprintable()
    assert all(len(line) <= TEXT_WIDTH or "://" in line for line in lines)
    assert all(line.startswith(" " * indent) for line in lines)


def test_wrapping_breaks_a_word_but_no_link() -> None:
    link = f"(https://example.org/{'x' * 100})"
    assert wrapped(f"see {link} now") == f"see\n{link}\nnow"
    assert wrapped("x" * 150) == f"{'x' * 72}\n{'x' * 72}\n{'x' * 6}"


def test_wrapping_counts_columns() -> None:
    assert wrapped("題" * 40) == f"{'題' * 36}\n{'題' * 4}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Four short words here", "Four short words here"),
        ("Four short words here!", "Four short words…"),
        ("Four short, words here?", "Four short, words…"),
        ("Four short - wordshere!", "Four short…"),
        ("x" * 22, "x" * 20 + "…"),
        ("a " + "x" * 22, "a " + "x" * 18 + "…"),
        ("題" * 11, "題" * 10 + "…"),
        ("two\nlines", "two lines"),
        ("", ""),
    ],
)
def test_shortened_text_ends_behind_a_word(text: str, expected: str) -> None:
    assert shortened(text, 21) == expected


@given(text=st.text(), columns=st.integers(2, 100))
def test_shortened_text_is_one_line_that_fits(text: str, columns: int) -> None:
    line = shortened(text, columns)
    assert len(line) <= columns
    assert line == one_line(line)
    assert line == one_line(text) or line.endswith("…")


def test_wrapping_breaks_where_the_next_word_would_not_fit() -> None:
    text = "a" * 40 + " " + "b" * 31 + " c"
    assert wrapped(text) == "a" * 40 + " " + "b" * 31 + "\nc"
    assert wrapped(text, indent=4) == "a" * 40 + "\n    " + "b" * 31 + " c"
