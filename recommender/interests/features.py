"""Interests room: papers to counts of terms and authors, which `weighting` makes rows of. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.interests.author_names import author_name
from recommender.interests.estimator import Estimator
from recommender.interests.terms import phrases_of, split_words, term_of

# A term that only one of these many papers has cannot connect two of them, but in a small corpus
# the next digest may.
_PAPERS_PER_MIN_DF = ((20_000, 3), (500, 2), (0, 1))

# In a small corpus as well, a name that stands once only makes its paper less like all others.
_AUTHOR_MIN_DF = 2

_MOST_COUNTED = 255
_IN_TITLE = 1 << 16

LONGEST_NAME: Final = 100
"""What is longer is no name of one author, and could be shown nowhere."""

AUTHOR_MARK: Final = "by "
"""What an author's column is named with, before the name; no term begins so, "by" being none."""


class Document(NamedTuple):
    """What of a paper is counted; abstract and authors may be empty."""

    title: str
    abstract: str = ""
    authors: Sequence[str] = ()


@dataclass(frozen=True, slots=True, eq=False)
class TermCounts:
    """How often documents have each term, and who wrote them.

    Attributes
    ----------
    matrix : csr_matrix of shape (n_documents, n_columns), uint8
        Occurrences in title and abstract, at most 255; 1 for an author. Columns are sorted.
    in_title : ndarray of bool, shape (nnz,)
        For each stored count: the term stands in the title.
    n_terms : int
        Columns of terms; those of authors follow them.
    """

    matrix: sparse.csr_matrix
    in_title: NDArray[np.bool_]
    n_terms: int

    def __len__(self) -> int:
        return int(self.matrix.shape[0])

    def __getitem__(self, rows: NDArray[np.intp]) -> TermCounts:
        stored = np.arange(self.matrix.nnz)
        matrix = self.matrix
        taken = sparse.csr_matrix((stored, matrix.indices, matrix.indptr), matrix.shape)[rows]
        return TermCounts(
            sparse.csr_matrix((matrix.data[taken.data], taken.indices, taken.indptr), taken.shape),
            self.in_title[taken.data],
            self.n_terms,
        )

    def followed_by(self, other: TermCounts) -> TermCounts:
        """Return these documents and then those of ``other``, of the same columns."""
        return TermCounts(
            sparse.vstack([self.matrix, other.matrix], format="csr"),
            np.concatenate([self.in_title, other.in_title]),
            self.n_terms,
        )


class FeatureSpace(Estimator):
    """The terms and authors by which papers are compared, and how often a paper has each.

    Terms are single words of title and abstract and pairs of neighbours in titles; see `terms`.
    An author is a name as papers write it, without initials beside full names: nothing tells two
    people of one name apart.

    Parameters
    ----------
    max_terms : int
        The most frequent terms are kept, ties in alphabetical order.
    max_authors : int
        Likewise.

    Attributes
    ----------
    columns_ : list of str
        Terms in alphabetical order, then authors, each after `AUTHOR_MARK`.
    n_terms_ : int
        How many of them are terms.
    """

    def __init__(self, *, max_terms: int = 30_000, max_authors: int = 20_000) -> None:
        self.max_terms = max_terms
        self.max_authors = max_authors

    def fit(self, documents: Sequence[Document], y: None = None) -> Self:
        """Learn the vocabulary. See `fit_transform`."""
        self.fit_transform(documents, y)
        return self

    def fit_transform(self, documents: Sequence[Document], y: None = None) -> TermCounts:  # noqa: ARG002 - scikit-learn's signature
        """Learn the vocabulary and return the counts of the same documents.

        Parameters
        ----------
        documents : sequence of Document
            Any number, none included.
        y : None
            Ignored.
        """
        terms: dict[str, int] = {}
        authors: dict[str, int] = {}
        counted = _counted(
            documents,
            lambda term: terms.setdefault(term, len(terms)),
            lambda author: authors.setdefault(author, len(authors)),
        )
        min_df = next(df for papers, df in _PAPERS_PER_MIN_DF if len(documents) >= papers)
        words, by = counted.words(len(terms)), counted.by(len(authors))
        kept_terms = _most_frequent(words, list(terms), min_df, self.max_terms)
        kept_authors = _most_frequent(by, list(authors), _AUTHOR_MIN_DF, self.max_authors)
        term_names, author_names = list(terms), list(authors)
        self.restore(
            [term_names[column] for column in kept_terms.tolist()]
            + [author_names[column] for column in kept_authors.tolist()],
            len(kept_terms),
        )
        return _as_counts(words[:, kept_terms], by[:, kept_authors])

    def restore(self, columns: list[str], n_terms: int) -> Self:
        """Take over what was fitted before.

        Parameters
        ----------
        columns : list of str
            A former ``columns_``.
        n_terms : int
            The former ``n_terms_``.
        """
        self.columns_ = columns
        self.n_terms_ = n_terms
        self._column_of = {name: column for column, name in enumerate(columns)}
        return self

    def column_of(self, name: str) -> int | None:
        """Return the column of a term or of a marked author, None where it has none."""
        return self._column_of.get(name)

    def transform(self, documents: Sequence[Document]) -> TermCounts:
        """Count the terms of any documents; what was not learned is left out."""
        n_terms, n_authors = self.n_terms_, len(self.columns_) - self.n_terms_
        counted = _counted(
            documents,
            self._column_of.get,
            lambda author: (
                None if (column := self._column_of.get(author)) is None else column - n_terms
            ),
        )
        return _as_counts(counted.words(n_terms), counted.by(n_authors))


def author_key(written: str) -> str | None:
    """Return the name of an author's column, None where it is no name.

    Initials count where there is no full given name: ``Jane A. Doe`` and ``Doe, Jane`` are one,
    ``J. Doe`` is another.
    """
    name = author_name(written) if len(written) <= LONGEST_NAME else None
    if name is None:
        return None
    full = [given for given in name.given if len(given) > 1]
    return AUTHOR_MARK + " ".join([*(full or name.given), *name.particles, name.family])


@dataclass(frozen=True, slots=True)
class _Counted:
    """Columns of the terms of titles and of abstracts, and of authors; a row for each document."""

    titles: _Counter
    abstracts: _Counter
    authors: _Counter

    def words(self, width: int) -> sparse.csr_matrix:
        """Return counts, with `_IN_TITLE` for each that is in a title."""
        titles, abstracts = self.titles.matrix(width), self.abstracts.matrix(width)
        titles.data *= _IN_TITLE
        return (titles + abstracts).tocsr()

    def by(self, width: int) -> sparse.csr_matrix:
        """Return who wrote what."""
        return self.authors.matrix(width)


def _counted(
    documents: Iterable[Document],
    column_of: Callable[[str], int | None],
    column_of_author: Callable[[str], int | None],
) -> _Counted:
    counted = _Counted(_Counter(), _Counter(), _Counter())
    column_of_word = _Columns(term_of, column_of)
    column_of_name = _Columns(author_key, column_of_author)
    for title, abstract, authors in documents:
        counted.titles.add_row(map(column_of, phrases_of(title)))
        counted.abstracts.add_row(map(column_of_word.__getitem__, split_words(abstract)))
        counted.authors.add_row(set(map(column_of_name.__getitem__, authors)))
    return counted


def _most_frequent(
    counts: sparse.csr_matrix, names: list[str], min_df: int, most: int
) -> NDArray[np.intp]:
    """Return the columns that are kept, by name."""
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    # As objects: an array of strings gives each of them the room of the longest.
    names_by_column = np.array(names, dtype=np.object_)
    by_name = np.argsort(names_by_column, kind="stable")
    order = by_name[np.argsort(-frequency[by_name], kind="stable")][:most]
    kept = order[frequency[order] >= min_df]
    in_order: NDArray[np.intp] = kept[np.argsort(names_by_column[kept], kind="stable")]
    return in_order


def _as_counts(words: sparse.csr_matrix, by: sparse.csr_matrix) -> TermCounts:
    by.data[:] = 1
    both = sparse.hstack([words, by], format="csr")
    both.sort_indices()
    in_titles, in_abstracts = np.divmod(both.data, _IN_TITLE)
    occurrences = np.minimum(in_titles + in_abstracts, _MOST_COUNTED).astype(np.uint8)
    matrix = sparse.csr_matrix((occurrences, both.indices, both.indptr), both.shape)
    return TermCounts(matrix, in_titles > 0, words.shape[1])


class _Columns(dict[str, int | None]):
    """Columns of words as they stand: a corpus has a hundred times as many words as distinct ones.

    Parameters
    ----------
    key_of : callable
        Gives what a word counts as, None where it counts as nothing.
    column_of : callable
        Gives the column of that, None where it has none.
    """

    def __init__(
        self, key_of: Callable[[str], str | None], column_of: Callable[[str], int | None]
    ) -> None:
        super().__init__()
        self._key_of = key_of
        self._column_of = column_of

    def __missing__(self, word: str) -> int | None:
        key = self._key_of(word)
        column = None if key is None else self._column_of(key)
        self[word] = column
        return column


class _Counter:
    """Collects rows of column numbers in flat arrays: 5 million words are 20 MB, not 300."""

    def __init__(self) -> None:
        self._columns = array("i")
        self._ends = array("q", [0])

    def add_row(self, columns: Iterable[int | None]) -> None:
        self._columns.extend([column for column in columns if column is not None])
        self._ends.append(len(self._columns))

    def matrix(self, width: int) -> sparse.csr_matrix:
        columns = np.frombuffer(self._columns, dtype=np.int32)
        ends = np.frombuffer(self._ends, dtype=np.int64)
        counts = sparse.csr_matrix(
            (np.ones(len(columns), dtype=np.int32), columns, ends), shape=(len(ends) - 1, width)
        )
        counts.sum_duplicates()
        return counts
