"""Labels of authors and abstracts below a linked title are known in many languages."""

from __future__ import annotations

from datetime import date
from email.message import EmailMessage

import pytest

from recommender.papers.formats import parse_digest
from tests.papers.digests.foreign_papers import ABSTRACTS, IDS, TITLES

PEOPLE = (("Ann Bee", "Max Roe"), ("Eva Fay",), ("Ida Gil", "Jo Poe", "Carl Dee"))
HAN = (("佐藤花", "田中海"), ("鈴木一",), ("王小雨", "李明月"))


@pytest.mark.parametrize(
    ("authors", "abstract", "between", "people"),
    [
        ("作者：", "摘要：", "，", HAN),
        ("著者：", "概要：", "、", HAN),
        ("저자: ", "초록: ", ", ", PEOPLE),
        ("Авторы: ", "Аннотация: ", ", ", PEOPLE),
        ("Autores: ", "Resumen: ", ", ", PEOPLE),
        ("Autori: ", "Riassunto: ", ", ", PEOPLE),
        ("Authors: ", "Abstract: ", "; ", PEOPLE),
    ],
)
def test_labelled_lines_below_linked_titles_are_read(
    authors: str, abstract: str, between: str, people: tuple[tuple[str, ...], ...]
) -> None:
    message = EmailMessage()
    message["From"] = "papers@example.org"
    message["Date"] = "Wed, 11 Mar 2026 06:00:00 +0000"
    message["Subject"] = "Papers"
    message.set_content(
        "".join(
            f'<p><a href="https://arxiv.org/abs/{IDS[n]}">{TITLES[n]}</a></p>'
            f"<p>{authors}{between.join(people[n])}</p><p>{abstract}{ABSTRACTS[n]}</p>"
            for n in range(len(TITLES))
        ),
        subtype="html",
    )
    digest = parse_digest(message.as_bytes(), today=date(2026, 3, 20))
    assert [(e.title, e.authors, e.abstract) for e in digest.entries] == [
        (title, names, text) for title, names, text in zip(TITLES, people, ABSTRACTS, strict=True)
    ]
