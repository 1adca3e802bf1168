"""Addresses become URIs once, and stay the same."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.uris import as_uri


@pytest.mark.parametrize(
    ("address", "uri"),
    [
        ('https://a.example/?b="x"<y>', "https://a.example/?b=%22x%22%3Cy%3E"),
        (r"https://a.example/b\c^|`{d}", "https://a.example/b%5Cc%5E%7C%60%7Bd%7D"),
        ("https://a.example/5%/%2F%zz", "https://a.example/5%25/%2F%25zz"),
        ("https://bücher.example:8080/ä#ö", "https://xn--bcher-kva.example:8080/%C3%A4#%C3%B6"),
        ("http://[::1]/[a]", "http://[::1]/%5Ba%5D"),
        ("https://a..ü/", "https://a..%C3%BC/"),
        ("https://a℀.example/", "https://a%E2%84%80.example/"),
        ("mailto:a@b.example?subject=<c>", "mailto:a@b.example?subject=%3Cc%3E"),
    ],
)
def test_what_no_uri_may_hold_is_percent_encoded(address: str, uri: str) -> None:
    assert as_uri(address) == uri


@pytest.mark.parametrize(
    "uri",
    [
        "https://arxiv.org/abs/2603.00001v2",
        "https://a.example:81/b%20c;d=e/@f/~g?h=(i)&j=k*l,m!n'o$p+q#r-s_t",
    ],
)
def test_uri_stays_as_it_is(uri: str) -> None:
    assert as_uri(uri) == uri


@given(st.text(max_size=40).map("https://a.example/".__add__) | st.text(max_size=40))
def test_any_text_is_encoded_once(text: str) -> None:
    once = as_uri(text)
    assert re.fullmatch(r"(?:[\w:/?#@!$&'()*+,;=~.\[\]-]|%[0-9A-Fa-f]{2})*", once, re.ASCII)
    assert as_uri(once) == once
