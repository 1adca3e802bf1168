"""Interests room: the index of papers as a file of named arrays. Touches that file only.

One npz file: a member for each array of `ARRAYS`, stored as it is, one of them the bytes of a JSON
object. Derived data, so a file that does not fit is thrown away. It is read as if a stranger had
written it: nothing is unpickled, and every array has the type, the shape and the range that the
rows of an index must have.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Mapping, Sequence
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
from recommender.interests.community import CommunityMap
from recommender.interests.features import FeatureSpace
from recommender.interests.model import Background
from recommender.interests.paper_index import PaperIndex

Arrays = Mapping[str, NDArray[Any]]

FORMAT: Final = 1
"""Another number makes all files useless that were kept before."""

ARRAYS: Final[dict[str, tuple[type, tuple[str, ...]]]] = {
    "header": (np.uint8, ("header bytes",)),
    "paper_ids": (np.int64, ("papers",)),
    "first_seen_at": (np.int64, ("papers",)),
    "fingerprints": (np.uint64, ("papers",)),
    "row_ends": (np.int64, ("papers",)),
    "row_terms": (np.int32, ("row entries",)),
    "row_values": (np.float32, ("row entries",)),
    "idf": (np.float32, ("terms",)),
    "sample_ends": (np.int64, ("sampled papers",)),
    "sample_terms": (np.int32, ("sample entries",)),
    "sample_values": (np.float32, ("sample entries",)),
    "background_mean": (np.float32, ("terms",)),
    "background_axes": (np.float32, ("terms", "axes")),
    "background_variances": (np.float32, ("axes",)),
    "community_components": (np.float32, ("terms", "dimensions")),
    "community_offset": (np.float32, ("dimensions",)),
}
"""What a file holds: the type of each array and its dimensions; what has one name is as long."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

# What a file raises that was cut, changed or made up, in zipfile, numpy, json or the checks here.
_DAMAGE: Final = (
    *(OSError, ValueError, LookupError, TypeError, EOFError, MemoryError, OverflowError),
    *(RuntimeError, struct.error, zipfile.BadZipFile),
)


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
        with zipfile.ZipFile(path) as archive:
            return index_from_arrays({name: _read_array(archive, name) for name in ARRAYS})
    except FileNotFoundError:
        raise
    except _DAMAGE as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UnusableIndexError(f"{path}: {reason}") from error


def index_to_arrays(kept: KeptIndex) -> dict[str, NDArray[Any]]:
    """Return an index as the arrays that `ARRAYS` names. Pure."""
    index, background, community = kept.index, kept.index.background, kept.index.community
    dimensions = len(community.offset_)
    header = {
        **_made_by(index.space, background),
        "made_for": list(kept.made_for),
        "unfitted": index.unfitted,
        "community": community.get_params(),
        "terms": index.space.terms_,
        "titles": [paper.title for paper in index.papers],
    }
    values = {
        "header": np.frombuffer(json.dumps(header).encode(), dtype=np.uint8),
        "paper_ids": [paper.id for paper in index.papers],
        "first_seen_at": [(each.first_seen_at - _EPOCH) // _MICROSECOND for each in index.papers],
        "fingerprints": index.fingerprints,
        **_csr_to_arrays("row", index.rows),
        "idf": index.space.idf_,
        **_csr_to_arrays("sample", background.sample_),
        "background_mean": background.mean_,
        "background_axes": background.axes_,
        "background_variances": background.variances_,
        # Without dimensions it is for any vocabulary, and has the shape of none.
        "community_components": community.components_.reshape(len(index.space.terms_), dimensions),
        "community_offset": community.offset_,
    }
    return {name: np.asarray(values[name], dtype=dtype) for name, (dtype, _) in ARRAYS.items()}


def index_from_arrays(arrays: Arrays) -> KeptIndex:
    """Return the index that arrays are of. Pure.

    Raises
    ------
    ValueError
        If they are none of an index that this version makes.
    """
    _check_shapes(arrays)
    header = json.loads(arrays["header"].tobytes())
    space, background = FeatureSpace(), Background()
    made_by = _made_by(space, background)
    if not isinstance(header, dict) or {name: header.get(name) for name in made_by} != made_by:
        raise ValueError("another version of this program wrote it")

    terms = _texts(header, "terms", len(arrays["idf"]))
    space.restore(terms, arrays["idf"])
    background.sample_ = _csr_from_arrays("sample", arrays)
    background.mean_ = arrays["background_mean"]
    background.axes_ = arrays["background_axes"]
    background.variances_ = arrays["background_variances"]

    paper_ids = arrays["paper_ids"]
    _hold((np.diff(paper_ids) > 0).all(), "papers are out of order")
    unfitted, made_for = header["unfitted"], header["made_for"]
    _hold(isinstance(unfitted, int) and 0 <= unfitted <= len(paper_ids), "unfitted is no count")
    _hold(
        isinstance(made_for, list) and all(isinstance(each, int) for each in made_for),
        "made_for is no list of numbers",
    )
    index = PaperIndex(
        papers=_papers(paper_ids, _texts(header, "titles", len(paper_ids)), arrays),
        row_of={paper_id: row for row, paper_id in enumerate(paper_ids.tolist())},
        fingerprints=arrays["fingerprints"],
        space=space,
        rows=_csr_from_arrays("row", arrays),
        background=background,
        unfitted=unfitted,
        community=_community(header, arrays),
    )
    return KeptIndex(index, tuple(made_for))


def _community(header: Mapping[str, Any], arrays: Arrays) -> CommunityMap:
    community, parameters = CommunityMap(), header["community"]
    _hold(
        isinstance(parameters, dict)
        and parameters.keys() == community.get_params().keys()
        and all(isinstance(value, int | float) for value in parameters.values()),
        "community is none of this version",
    )
    community.set_params(**parameters)
    return community.restore(arrays["community_components"], arrays["community_offset"])


def _made_by(space: FeatureSpace, background: Background) -> dict[str, Any]:
    """Name everything that rows follow from, apart from the papers."""
    return {
        "format": FORMAT,
        "version": __version__,
        "space": space.get_params(),
        "background": background.get_params(),
    }


def _read_array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    """Read a member, which may not be larger in memory than it is on the disk."""
    member = archive.getinfo(f"{name}.npy")
    _hold(member.compress_type == zipfile.ZIP_STORED, f"{name} is compressed")
    with archive.open(member) as file:
        array = np.lib.format.read_array(file, allow_pickle=False)
        _hold(not file.read(1), f"{name} goes on behind its end")
    return array


def _check_shapes(arrays: Arrays) -> None:
    lengths: dict[str, int] = {}
    for name, (dtype, dimensions) in ARRAYS.items():
        array = arrays[name]
        _hold(array.dtype == dtype, f"{name} is of the wrong type")
        _hold(array.ndim == len(dimensions), f"{name} has the wrong shape")
        for dimension, length in zip(dimensions, array.shape, strict=True):
            _hold(
                lengths.setdefault(dimension, length) == length,
                f"{name} has {length} {dimension} where others have {lengths[dimension]}",
            )
        if np.issubdtype(dtype, np.floating):
            _hold(np.isfinite(array).all(), f"{name} holds what is no number")


def _texts(header: Mapping[str, Any], name: str, number: int) -> list[str]:
    texts = header[name]
    _hold(
        isinstance(texts, list)
        and len(texts) == number
        and all(isinstance(text, str) for text in texts),
        f"{name} are not {number} texts",
    )
    return list(texts)


def _papers(
    paper_ids: NDArray[np.int64], titles: Sequence[str], arrays: Arrays
) -> tuple[Paper, ...]:
    return tuple(
        Paper(paper_id, title, "", (), None, None, None, None, _EPOCH + seen_at * _MICROSECOND)
        for paper_id, title, seen_at in zip(
            paper_ids.tolist(), titles, arrays["first_seen_at"].tolist(), strict=True
        )
    )


def _csr_to_arrays(name: str, matrix: sparse.csr_matrix) -> dict[str, NDArray[Any]]:
    return {
        f"{name}_ends": matrix.indptr[1:],
        f"{name}_terms": matrix.indices,
        f"{name}_values": matrix.data,
    }


def _csr_from_arrays(name: str, arrays: Arrays) -> sparse.csr_matrix:
    """Make a matrix whose indices all lie in it: scipy's compiled code would not look."""
    ends, terms, values = (arrays[f"{name}_{part}"] for part in ("ends", "terms", "values"))
    width = len(arrays["idf"])
    starts = np.concatenate([[0], ends])
    _hold((np.diff(starts) >= 0).all() and starts[-1] == len(terms), f"{name}_ends do not ascend")
    in_range = len(terms) == 0 or (terms.min() >= 0 and terms.max() < width)
    _hold(in_range, f"{name}_terms are none of the vocabulary")
    steps = np.diff(terms)
    inside = np.ones(len(steps), dtype=bool)
    inner_ends = ends[(ends > 0) & (ends < len(terms))]
    inside[inner_ends - 1] = False
    _hold((steps[inside] > 0).all(), f"{name}_terms are out of order")
    index_type = np.int32 if len(terms) <= np.iinfo(np.int32).max else np.int64
    return sparse.csr_matrix(
        (values, terms.astype(index_type, copy=False), starts.astype(index_type)),
        shape=(len(ends), width),
    )


def _hold(condition: object, problem: str) -> None:
    if not condition:
        raise ValueError(problem)
