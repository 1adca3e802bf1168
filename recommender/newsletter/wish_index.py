"""Newsletter room: which papers a followed or blocked word, phrase or author means. Pure.

A wish means the papers whose title or abstract holds its words side by side, and those of the
author whose name it may be. Words are compared as terms are, without case, plural and accents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from recommender.domain import Paper
from recommender.formulas import without_commands
from recommender.interests.author_names import (
    AuthorName,
    author_name,
    fold_letters,
    may_be_the_same,
    turn_name,
)
from recommender.interests.terms import split_words, term_of, words_of

_END: Final = 0


@dataclass(frozen=True, slots=True)
class WishMatch:
    """What of a paper a wish met.

    Attributes
    ----------
    kind : str
    words : str
        The author's name as the paper has it, or the wish as the subscriber wrote it.
    """

    kind: Literal["author", "word"]
    words: str

    def __str__(self) -> str:
        """Return it in words: ``author Jane Doe``, ``word diffusion model``."""
        return f"{self.kind} {self.words}"


def word_keys(text: str) -> list[str]:
    """Return what the words of a text are compared by, those included that are no terms."""
    return [term_of(word) or word for word in split_words(fold_letters(without_commands(text)))]


class WishIndex:
    """The words and authors of some papers, read when the first wish asks for them.

    Parameters
    ----------
    papers : sequence of Paper
        The candidates; positions count along them.
    """

    def __init__(self, papers: Sequence[Paper]) -> None:
        self._papers = papers

    def matching(self, wish: str) -> NDArray[np.intp]:
        """Return the positions of the papers that a wish means, in ascending order."""
        return np.array(sorted(self.matches([wish])), dtype=np.intp)

    def matches(self, wishes: Iterable[str]) -> dict[int, WishMatch]:
        """Return what the wishes met, by position: of several the first, an author before words."""
        met: dict[int, WishMatch] = {}
        for wish in wishes:
            for position, name in self._authored(wish):
                met.setdefault(position, WishMatch("author", name))
            # Most wishes meet no author, and words meet many papers: they share one match.
            met = dict.fromkeys(self._worded(wish).tolist(), WishMatch("word", wish)) | met
        return met

    def about(self, phrase: str) -> NDArray[np.bool_]:
        """Return which papers hold all terms of a phrase, anywhere, or have such an author.

        Returns
        -------
        ndarray of bool, shape (n_papers,)
            Of a phrase without terms none does.
        """
        terms = set(words_of(fold_letters(phrase)))
        is_about = np.full(len(self._papers), bool(terms))
        for term in terms:
            holds = np.zeros(len(self._papers), dtype=bool)
            holds[self._text.holding(term)] = True
            is_about &= holds
        is_about[[position for position, _ in self._authored(phrase)]] = True
        return is_about

    def _authored(self, wish: str) -> Iterator[tuple[int, str]]:
        """Yield each paper that has an author who may be meant, and that author."""
        wanted = author_name(wish)
        if wanted is not None:
            for position, author, written in self._authors.get(wanted.family, ()):
                if may_be_the_same(wanted, author):
                    yield position, written

    def _worded(self, wish: str) -> NDArray[np.intp]:
        """Return the papers that hold a wish's words side by side."""
        text = self._text
        numbers = [text.number_of.get(key) for key in word_keys(wish)]
        wanted = [number for number in numbers if number is not None]
        if not wanted or len(wanted) < len(numbers):
            return np.empty(0, dtype=np.intp)
        # A text ends with a word that nobody can wish for, so that no phrase runs over its end.
        starts = text.order[text.starts[wanted[0]] : text.starts[wanted[0] + 1]]
        for offset, number in enumerate(wanted[1:], start=1):
            starts = starts[text.numbers[starts + offset] == number]
        return np.unique(text.positions[starts])

    @cached_property
    def _authors(self) -> dict[str, list[tuple[int, AuthorName, str]]]:
        """The authors by their family names: the paper, the name, and how the paper has it."""
        authors: dict[str, list[tuple[int, AuthorName, str]]] = {}
        for position, paper in enumerate(self._papers):
            for written in paper.authors:
                name = author_name(written)
                if name is not None:
                    authors.setdefault(name.family, []).append((position, name, turn_name(written)))
        return authors

    @cached_property
    def _text(self) -> _Text:
        number_of: dict[str, int] = {}
        numbers: list[int] = []
        positions: list[int] = []
        for position, paper in enumerate(self._papers):
            for text in (paper.title, paper.abstract):
                keys = word_keys(text)
                numbers += [number_of.setdefault(key, len(number_of) + 1) for key in keys]
                numbers.append(_END)
            positions += [position] * (len(numbers) - len(positions))
        all_numbers = np.array(numbers, dtype=np.int32)
        all_positions = np.array(positions, dtype=np.intp)
        order = np.argsort(all_numbers, kind="stable")
        sorted_numbers, holders = all_numbers[order], all_positions[order]
        is_first = np.ones(len(order), dtype=bool)
        is_first[1:] = (np.diff(sorted_numbers) != 0) | (np.diff(holders) != 0)
        every_number = np.arange(len(number_of) + 2, dtype=np.int32)
        return _Text(
            number_of=number_of,
            numbers=all_numbers,
            positions=all_positions,
            order=order,
            starts=np.searchsorted(sorted_numbers, every_number),
            holders=holders[is_first],
            holder_starts=np.searchsorted(sorted_numbers[is_first], every_number),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Text:
    """The words of all papers, one after another, as numbers.

    Attributes
    ----------
    number_of : dict of str to int
        From 1; `_END` stands behind every title and every abstract.
    numbers : ndarray of int, shape (n_words,)
    positions : ndarray of int, shape (n_words,)
        Which paper a word stands in.
    order : ndarray of int, shape (n_words,)
        Sorts ``numbers``, equal ones in their order.
    starts : ndarray of int, shape (n_numbers + 1,)
        Where in ``order`` each number begins.
    holders : ndarray of int, shape (n_held,)
        For each number, ascending, the papers that hold its word, each once.
    holder_starts : ndarray of int, shape (n_numbers + 1,)
        Where in ``holders`` each number begins.
    """

    number_of: dict[str, int]
    numbers: NDArray[np.int32]
    positions: NDArray[np.intp]
    order: NDArray[np.intp]
    starts: NDArray[np.intp]
    holders: NDArray[np.intp]
    holder_starts: NDArray[np.intp]

    def holding(self, key: str) -> NDArray[np.intp]:
        """Return the papers that hold a word, each once."""
        number = self.number_of.get(key)
        if number is None:
            return self.holders[:0]
        return self.holders[self.holder_starts[number] : self.holder_starts[number + 1]]
