"""Room 1, papers: the DOI that the address of an article's page stands for. Pure.

Some publishers write in their addresses the end of the DOI alone, by a rule that holds for all of
their articles. Who has no such rule is not here: a DOI that nobody registered leads nowhere.
"""

from __future__ import annotations

import re
from typing import Final

_END: Final = r"(?=[./?#_]|\Z)"
_SSRN: Final = (
    r"(?:sol3/(?:papers|delivery)\.cfm(?:/[^?\s]{0,80})?\?(?:[^#\s]{0,200}&)?abstract_?id="
    r"|abstract=)"
)
_RXIV_EARLY: Final = (
    r"(?:bio|med)rxiv\.org/content/(?:bio|med)rxiv/early/20[0-9]{2}/[0-9]{2}/[0-9]{2}/"
)
# Each host and path with what in it tells the article, and the DOI made of that.
_PAGES: Final = tuple(
    (re.compile(rf"(?:https?://)?(?:www\.)?{path}{_END}", re.IGNORECASE), doi)
    for path, doi in (
        (r"nature\.com/articles/(s41599-[0-9]{3}-[0-9]{4,5}-[0-9a-z])", "10.1057/{}"),
        (r"nature\.com/articles/(s[0-9]{5}-[0-9]{3}-[0-9]{4,5}-[0-9a-z])", "10.1038/{}"),
        (r"nature\.com/articles/((?:nature|ncomms|srep)[0-9]{3,6})", "10.1038/{}"),
        (
            rf"(?:papers\.)?ssrn\.com/{_SSRN}([0-9]{{5,9}})(?=[&#/]|\Z)",
            "10.2139/ssrn.{}",
        ),
        (
            r"elifesciences\.org/(?:articles|reviewed-preprints)/([0-9]{5,6})(?:v[0-9]{1,2})?",
            "10.7554/elife.{}",
        ),
        (r"peerj\.com/articles/([0-9]{1,6})", "10.7717/peerj.{}"),
        (r"peerj\.com/articles/(cs|matsci|[aiop]chem)-([0-9]{1,6})", "10.7717/peerj-{}.{}"),
        (r"(?:papers\.)?nber\.org/papers/(w[0-9]{3,6})", "10.3386/{}"),
        (
            r"aclanthology\.org/(20[2-9][0-9]\.(?:acl|emnlp|naacl|eacl|findings)-[a-z]{3,12}\.[0-9]{1,5})",
            "10.18653/v1/{}",
        ),
        (
            r"preprints\.org/manuscript/([0-9]{6}\.[0-9]{4})/(v[0-9]{1,3})",
            "10.20944/preprints{}.{}",
        ),
        (
            r"researchsquare\.com/article/(rs-[0-9]{5,8})/(v[0-9]{1,2})",
            "10.21203/rs.3.{}/{}",
        ),
        (
            r"(?:osf\.io/preprints/psyarxiv|psyarxiv\.com)/([a-z0-9]{5}_v[0-9]{1,3})",
            "10.31234/osf.io/{}",
        ),
        (
            rf"{_RXIV_EARLY}((?:20(?:19|2[0-4])\.[0-9]{{2}}\.[0-9]{{2}}\.)?[0-9]{{6,8}})",
            "10.1101/{}",
        ),
        (r"zenodo\.org/records?/([0-9]{5,9})", "10.5281/zenodo.{}"),
    )
)


def doi_of_page(address: str) -> str | None:
    """Return the DOI of the article whose page an address leads to, in lower case.

    Examples
    --------
    >>> doi_of_page("https://www.nature.com/articles/s41586-025-00001-2.pdf")
    '10.1038/s41586-025-00001-2'
    >>> doi_of_page("https://papers.ssrn.com/sol3/papers.cfm?abstract_id=1234567")
    '10.2139/ssrn.1234567'
    >>> doi_of_page("https://www.nature.com/articles")
    """
    for page, doi in _PAGES:
        found = page.match(address)
        if found is not None:
            return doi.format(*found.groups()).lower()
    return None
