"""Lists of domains, as operators and public lists write them."""

from __future__ import annotations

from recommender.membership.domain_lists import parse_domain_list


def test_a_list_has_a_domain_a_line_and_comments() -> None:
    text = (
        "# thrown away after a mail\n\nExample.ORG  # all of it\n@example.net\n*.example.com.\r\n"
        ".X.example.edu\n"
    )
    assert parse_domain_list(text) == (
        frozenset({"example.org", "example.net", "example.com", "x.example.edu"}),
        (),
    )


def test_domains_in_other_scripts_are_compared_in_ascii() -> None:
    for name in ("bücher.example", "BÜCHER.Example", "bücher。example"):
        assert parse_domain_list(f"{name}\n")[0] == {"xn--bcher-kva.example"}


def test_a_line_that_names_no_domain_is_told_and_the_others_count() -> None:
    domains, problems = parse_domain_list("example.org\nno domain at all\nexample.net\n")
    assert domains == {"example.org", "example.net"}
    assert problems == ("line 2: 'no domain at all' is no domain; write one such as example.org",)


def test_of_a_long_line_the_beginning_is_told() -> None:
    _, [problem] = parse_domain_list("?" * 1000)
    assert problem == f"line 1: '{'?' * 60}' is no domain; write one such as example.org"
