"""Room 6, what they click: the page of a search, made of nothing but its address.

It may be made in any process that has the database and the templates, see `search_desk`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.responses import HTMLResponse

from recommender.domain.searches import MOST_CHARACTERS, misread_days
from recommender.jobs.pages.searching import found_page, read_search
from recommender.rendering import RendererRecipe
from recommender.store.database import Database
from recommender.web.answers import Answer, answer_of
from recommender.web.forms import page_number_in
from recommender.web.responses import Pages, add_default_headers, build_pages, make_public

PATH: Final = "/search"
FIELDS: Final = ("q", "author", "after", "before")
_ROOT: Final = "./"


@dataclass(frozen=True, slots=True)
class AskedSearch:
    """What the page of a search follows from, beside what is stored.

    Attributes
    ----------
    query : str
        Of its address.
    language : str
        Tag of the language that the browser asks for; empty: none that there is.
    state : int
        Which state of the content there is.
    now : datetime
    """

    query: str
    language: str
    state: int
    now: datetime


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Makes the pages of searches.

    Parameters
    ----------
    database : Database
    pages : Pages
    site_url : str
        Where the pages are reachable.
    """

    database: Database
    pages: Pages
    site_url: str

    def response(self, asked: AskedSearch) -> HTMLResponse:
        """Show some of the papers that a search finds, under its form.

        Raises
        ------
        HTTPException
            404 if a page is asked for that is none.
        StorageError
            If the database cannot be read.
        """
        params = QueryParams(asked.query)
        fields = fields_of(params)
        wanted = read_search(
            fields["q"], author=fields["author"], after=fields["after"], before=fields["before"]
        )
        found = found_page(self.database, wanted, page_number_in(params), now=asked.now)
        page = self.pages.page(
            "search",
            root=_ROOT,
            tongue=asked.language or None,
            asked=fields,
            query=query_of(fields),
            is_asked=not wanted.is_empty,
            is_backwards=wanted.is_backwards,
            misread=misread_days(fields["q"], after=fields["after"], before=fields["before"]),
            found=found,
            site_url=self.site_url,
            longest=MOST_CHARACTERS,
        )
        make_public(page, indexed=False)
        return page

    def answer(self, asked: AskedSearch) -> Answer:
        """Make the page ready to be sent; raises as `response`."""
        page = self.response(asked)
        add_default_headers(page.headers)
        return answer_of(page, asked.state)


@dataclass(frozen=True, slots=True)
class SearchPageRecipe:
    """What another process makes the same `SearchPage` of.

    Attributes
    ----------
    database_url : str
        With its password, where it has one.
    """

    database_url: str = field(repr=False)
    renderer: RendererRecipe
    list_name: str
    site_url: str

    @classmethod
    def of(cls, page: SearchPage) -> SearchPageRecipe:
        """Return what the same is made of."""
        return cls(
            page.database.url.render_as_string(hide_password=False),
            page.pages.renderer.recipe(),
            page.pages.list_name,
            page.site_url,
        )

    def made(self) -> SearchPage:
        """Make it; raises what opening its parts raises."""
        pages = build_pages(self.renderer.made(), self.list_name)
        database = Database(self.database_url, must_exist=True, maps_file=True)
        return SearchPage(database, pages, self.site_url)


def fields_of(params: QueryParams) -> dict[str, str]:
    """Return what is typed into the form of a search, as far as it is looked for."""
    return {name: params.get(name, "")[:MOST_CHARACTERS] for name in FIELDS}


def query_of(fields: dict[str, str]) -> str:
    """Return the query of an address under which the same is looked for."""
    return urlencode({name: value for name, value in fields.items() if value})
