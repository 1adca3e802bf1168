"""Interests room: the index of papers as a file of named arrays. Touches that file only.

One npz file, a member for each array, one of them the bytes of a JSON object. Derived data, so a
file that is damaged or of another version is thrown away: its checksums and its header tell.
Nothing is unpickled. What the arrays say is taken as written: who can forge this file can write
the database beside it.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender import __version__
from recommender.atomic_file import atomic_write
from recommender.domain import Paper
from recommender.errors import UnusableIndexError
from recommender.interests.background import Background
from recommender.interests.collocations import Collocations, Role
from recommender.interests.community import CommunityMap
from recommender.interests.features import FeatureSpace, TermCounts
from recommender.interests.paper_index import PaperIndex
from recommender.interests.weighting import TermWeighting

Arrays = Mapping[str, NDArray[Any]]

FORMAT: Final = 4
"""Another number makes all files useless that were kept before."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, eq=False)
class KeptIndex:
    """What a file holds.

    Attributes
    ----------
    index : PaperIndex
        Once read, its papers are without their texts.
    made_for : tuple of int
        What its writer says of the corpus that it was made for.
    """

    index: PaperIndex
    made_for: tuple[int, ...]


def write_index(path: Path, kept: KeptIndex) -> None:
    """Put an index in a file's place. See `atomic_write`.

    Raises
    ------
    OSError
        If it cannot be written; the file that was there stays.
    """
    content = io.BytesIO()
    arrays: dict[str, Any] = index_to_arrays(kept)
    np.savez(content, **arrays)
    atomic_write(path, content.getbuffer())


def read_index(path: Path) -> KeptIndex:
    """Read an index that was kept.

    Raises
    ------
    FileNotFoundError
        If there is none.
    UnusableIndexError
        If it is damaged, or of another version.
    """
    try:
        return index_from_arrays(_read_arrays(path))
    except FileNotFoundError:
        raise
    # One wrong byte comes out of zipfile, numpy or json as any of a dozen errors.
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UnusableIndexError(f"{path}: {reason}") from error


def index_to_arrays(kept: KeptIndex) -> dict[str, NDArray[Any]]:
    """Return an index as named arrays. Pure."""
    index, background, community = kept.index, kept.index.background, kept.index.community
    header = {
        **_made_by(index.space, background),
        "made_for": kept.made_for,
        "unfitted": index.unfitted,
        "community": community.get_params(),
        "columns": index.space.columns_,
        "n_terms": index.space.n_terms_,
        "weighting": index.weighting.get_params(),
        "n_documents": index.weighting.n_documents_,
        "mean_length": index.weighting.mean_length_,
        "phrases": sorted(index.collocations.phrases),
        "roles": index.collocations.roles,
        "names": sorted(index.collocations.names),
        "titles": [paper.title for paper in index.papers],
    }
    seen_at = [(paper.first_seen_at - _EPOCH) // _MICROSECOND for paper in index.papers]
    return {
        "header": np.frombuffer(json.dumps(header).encode(), dtype=np.uint8),
        "paper_ids": np.array([paper.id for paper in index.papers], dtype=np.int64),
        "first_seen_at": np.array(seen_at, dtype=np.int64),
        "fingerprints": index.fingerprints,
        **_csr_to_arrays("counts", index.counts.matrix),
        "in_title": index.counts.in_title,
        "document_frequencies": index.weighting.document_frequencies_,
        **_csr_to_arrays("sample", background.sample_),
        "background_mean": background.mean_,
        "background_axes": background.axes_,
        "background_variances": background.variances_,
        "community_components": community.components_,
        "community_offset": community.offset_,
    }


def index_from_arrays(arrays: Arrays) -> KeptIndex:
    """Return the index that arrays are of. Pure.

    Raises
    ------
    ValueError
        If another version made them.
    """
    header = json.loads(arrays["header"].tobytes())
    space, background = FeatureSpace(), Background()
    made_by = _made_by(space, background)
    if {name: header.get(name) for name in made_by} != made_by:
        raise ValueError("another version of this program wrote it")

    space.restore(header["columns"], header["n_terms"])
    counts = TermCounts(_csr_from_arrays("counts", arrays), arrays["in_title"], header["n_terms"])
    weighting = TermWeighting(**header["weighting"]).restore(
        arrays["document_frequencies"], header["n_documents"], header["mean_length"]
    )
    background.sample_ = _csr_from_arrays("sample", arrays)
    background.mean_ = arrays["background_mean"]
    background.axes_ = arrays["background_axes"]
    background.variances_ = arrays["background_variances"]
    community = CommunityMap().set_params(**header["community"])
    paper_ids = arrays["paper_ids"].tolist()
    index = PaperIndex(
        papers=tuple(
            Paper(paper_id, title, "", (), None, None, None, None, _EPOCH + seen_at * _MICROSECOND)
            for paper_id, title, seen_at in zip(
                paper_ids, header["titles"], arrays["first_seen_at"].tolist(), strict=True
            )
        ),
        row_of={paper_id: row for row, paper_id in enumerate(paper_ids)},
        fingerprints=arrays["fingerprints"],
        space=space,
        counts=counts,
        weighting=weighting,
        rows=weighting.transform(counts),
        background=background,
        unfitted=header["unfitted"],
        community=community.restore(arrays["community_components"], arrays["community_offset"]),
        collocations=Collocations(
            phrases=frozenset(header["phrases"]),
            roles={unit: Role(role) for unit, role in header["roles"].items()},
            names=frozenset(header["names"]),
        ),
    )
    return KeptIndex(index, tuple(header["made_for"]))


def _made_by(space: FeatureSpace, background: Background) -> dict[str, Any]:
    """Name everything that rows follow from, apart from the papers."""
    return {
        "format": FORMAT,
        "version": __version__,
        "space": space.get_params(),
        "background": background.get_params(),
    }


def _read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    arrays = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            with archive.open(name) as member:
                array = np.lib.format.read_array(member, allow_pickle=False)
                # A damaged shape may end an array early; the checksum is compared at the end only.
                if member.read(1):
                    raise ValueError(f"{name} goes on behind its end")
            arrays[name.removesuffix(".npy")] = array
    return arrays


def _csr_to_arrays(name: str, matrix: sparse.csr_matrix) -> dict[str, NDArray[Any]]:
    return {
        f"{name}_data": matrix.data,
        f"{name}_indices": matrix.indices,
        f"{name}_indptr": matrix.indptr,
    }


def _csr_from_arrays(name: str, arrays: Arrays) -> sparse.csr_matrix:
    data, indices, indptr = (arrays[f"{name}_{part}"] for part in ("data", "indices", "indptr"))
    n_columns = len(arrays["document_frequencies"])
    return sparse.csr_matrix((data, indices, indptr), shape=(len(indptr) - 1, n_columns))
