"""Configuration: what `recommender init` writes into a new folder, and never over anything."""

from __future__ import annotations

import os
from pathlib import Path

from recommender.config.loading import FILE_NAME
from recommender.config.settings import SECRET_KEY_FILE
from recommender.errors import ConfigurationError
from recommender.tokens import generate_secret_key


def write_initial_configuration(folder: Path) -> list[Path]:
    """Write a commented configuration and a signing key, and create the folders for digests.

    Returns
    -------
    list of Path
        What was made; folders that were there already are left as they are, and out of it.

    Raises
    ------
    ConfigurationError
        If one of the two files exists, in which case nothing is written; or if the system refuses.
    """
    file, key_file = folder / FILE_NAME, folder / SECRET_KEY_FILE
    existing = [path for path in (file, key_file) if os.path.lexists(path)]
    if existing:
        raise ConfigurationError(
            [
                f"{path}: it exists and is never overwritten; move it away or choose another folder"
                for path in existing
            ]
        )
    made = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_new(file, _reference().read_text(encoding="utf-8"), mode=0o644)
        _write_new(key_file, generate_secret_key() + "\n", mode=0o600)
        made += [file, key_file]
        for name in ("incoming", "done", "rejected"):
            if not (folder / name).is_dir():
                (folder / name).mkdir()
                made.append(folder / name)
    except OSError as error:
        raise ConfigurationError(
            [f"{error.filename}: {error.strerror}; choose a folder that you can write to"]
        ) from error
    return made


def _reference() -> Path:
    """Find the shipped reference: in the package of a wheel, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    packaged = package / FILE_NAME
    return packaged if packaged.is_file() else package.parent / "config" / FILE_NAME


def _write_new(file: Path, text: str, *, mode: int) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
