"""Interests room: how much each term of a paper counts, counts to rows of numbers. Pure.

A word tells of a reader's taste what it returns more often in papers that they like than in any
paper. Of the people of hf-authors, a word that half of all papers have returns in the next paper
that one likes 1.4 times as often as by chance, one of 1 paper in 500 returns 7 times as often, one
of 1 in 3,000 40 times. The logarithm of that is flat for the words that all papers have and rises
ever more steeply towards the rare ones, which neither ``ln(n / df)`` nor ``ln(n / df) + 1`` does;
`TermWeighting.idf_` does. On citeulike-t it rises less steeply, so an instance chooses its own.
"""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.interests.estimator import Estimator
from recommender.interests.features import TermCounts

FloatArray = NDArray[np.float32]

_RARE = np.log(3000)


class TermWeighting(Estimator):
    """Rows of papers: saturated counts times inverse document frequency, of length 1 at most.

    A term that a document has ``c`` times, ``l`` the document's length in units of the mean,

        ``c · (k1 + 1) / (c + k1 · (1 − b + b · l)) · idf``  (Robertson & Zaragoza 2009),

    times ``title_emphasis`` where it stands in the title, all terms together scaled to length
    ``√(1 − author_share)``. The authors of a paper, each by how rare they are, are scaled to
    ``√author_share``: so the cosine of two papers is the weighted mean of the likeness of their
    words and that of their authors.

    Parameters
    ----------
    saturation : float
        ``k1``, >= 0: how much a second occurrence adds; at 0 nothing.
    length_normalisation : float
        ``b``, in [0, 1]: how far an occurrence in a long text counts less.
    idf_sharpness : float
        > 0: the power of the inverse document frequency.
    idf_floor : float
        In [0, 1]: what a term that all documents have counts, where one that 1 document in 3,000
        has counts 1.
    title_emphasis : float
        >= 1.
    author_share : float
        In [0, 1).

    Attributes
    ----------
    document_frequencies_ : ndarray of int, shape (n_columns,)
        Of the documents that it was fitted on.
    n_documents_ : int
    mean_length_ : float
        Terms of a document, repeated ones included.
    idf_ : ndarray of shape (n_columns,), float32
        ``floor + (1 − floor) · (ln((1 + n) / (1 + df)) / ln 3000)^sharpness``.
    """

    def __init__(
        self,
        *,
        saturation: float = 1.5,
        length_normalisation: float = 0.4,
        idf_sharpness: float = 2.0,
        idf_floor: float = 0.1,
        title_emphasis: float = 1.1,
        author_share: float = 0.05,
    ) -> None:
        self.saturation = saturation
        self.length_normalisation = length_normalisation
        self.idf_sharpness = idf_sharpness
        self.idf_floor = idf_floor
        self.title_emphasis = title_emphasis
        self.author_share = author_share

    def fit(self, counts: TermCounts, y: None = None) -> Self:  # noqa: ARG002 - scikit-learn's signature
        """Learn how rare each term is, and how long a document.

        Parameters
        ----------
        counts : TermCounts
        y : None
            Ignored.
        """
        lengths = _lengths(counts)
        return self.restore(
            np.bincount(counts.matrix.indices, minlength=counts.matrix.shape[1]),
            len(counts),
            float(lengths.mean()) if len(lengths) else 0.0,
        )

    def restore(
        self, document_frequencies: NDArray[np.integer], n_documents: int, mean_length: float
    ) -> Self:
        """Take over what was fitted before, under any hyper-parameters; see the attributes."""
        self.document_frequencies_ = document_frequencies
        self.n_documents_ = n_documents
        self.mean_length_ = mean_length
        rarity = np.log((1 + n_documents) / (1 + document_frequencies)) / _RARE
        floor = self.idf_floor
        idf = floor + (1 - floor) * rarity**self.idf_sharpness
        self.idf_: FloatArray = idf.astype(np.float32)
        return self

    def transform(self, counts: TermCounts) -> sparse.csr_matrix:
        """Weigh the terms of documents.

        Parameters
        ----------
        counts : TermCounts
            Of the columns that it was fitted on.

        Returns
        -------
        csr_matrix of shape (n_documents, n_columns), float32
            Of length 1, or less where a document has no known author; 0 where it has no terms.
        """
        matrix, n_documents = counts.matrix, len(counts)
        of_document = np.repeat(np.arange(n_documents), np.diff(matrix.indptr))
        k1, b = np.float32(self.saturation), np.float32(self.length_normalisation)
        length = np.ones(n_documents, dtype=np.float32)
        if self.mean_length_ > 0:
            length += b * (_lengths(counts) / np.float32(self.mean_length_) - 1)
        occurrences = matrix.data.astype(np.float32)
        values = occurrences * (k1 + 1) / (occurrences + k1 * length[of_document])
        values *= self.idf_[matrix.indices]
        values[counts.in_title] *= np.float32(self.title_emphasis)

        has_authors = matrix.shape[1] > counts.n_terms
        share = self.author_share if has_authors else 0.0
        is_author = matrix.indices >= counts.n_terms
        for part, of_length in ((~is_author, 1 - share), (is_author, share)):
            # In double precision: the square of a tiny floor is nothing in single precision.
            terms = values[part].astype(np.float64)
            squares = np.bincount(of_document[part], terms**2, minlength=n_documents)
            scale = np.sqrt(of_length / np.where(squares > 0, squares, np.inf))
            values[part] = terms * scale[of_document[part]]
        rows = sparse.csr_matrix((values, matrix.indices, matrix.indptr), matrix.shape)
        if has_authors and not share:
            rows = rows.copy()
            rows.eliminate_zeros()
        return rows


def _lengths(counts: TermCounts) -> FloatArray:
    """Return how many terms each document has, repeated ones included."""
    matrix = counts.matrix
    is_term = matrix.indices < counts.n_terms
    of_document = np.repeat(np.arange(len(counts)), np.diff(matrix.indptr))
    lengths = np.bincount(of_document[is_term], matrix.data[is_term], minlength=len(counts))
    return lengths.astype(np.float32)
