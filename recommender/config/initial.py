"""Configuration: what `recommender init` writes into a new folder, and never over anything."""

from __future__ import annotations

import os
from pathlib import Path

from recommender.config.loading import FILE_NAME
from recommender.config.settings import SECRET_KEY_FILE
from recommender.errors import ConfigurationError
from recommender.private_files import make_shared_folder
from recommender.shipped_files import reference_settings
from recommender.tokens import generate_secret_key


def write_initial_configuration(folder: Path) -> list[Path]:
    """Write a commented configuration and a signing key, and create the folders for digests.

    Where a key alone is missing, that alone is written.

    Returns
    -------
    list of Path
        What was made; folders that were there already are left as they are, and out of it.

    Raises
    ------
    ConfigurationError
        If there is a key, in which case nothing is written; or if the system refuses.
    """
    file, key_file = folder / FILE_NAME, folder / SECRET_KEY_FILE
    if os.path.lexists(key_file):
        raise ConfigurationError(
            [
                f"{path}: it exists and is never overwritten; move it away or choose another folder"
                for path in (file, key_file)
                if os.path.lexists(path)
            ]
        )
    made = []
    try:
        _make_installation_folder(folder)
        if not os.path.lexists(file):
            _write_new(file, reference_settings())
            made.append(file)
        _write_new(key_file, generate_secret_key() + "\n")
        made.append(key_file)
        folders = [folder / name for name in ("incoming", "done", "rejected")]
        made += [each for each in folders if not each.is_dir()]
        incoming, *others = folders
        make_shared_folder(incoming)
        for each in others:
            each.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            [f"{error.filename}: {error.strerror}; choose a folder that you can write to"]
        ) from error
    return made


def _make_installation_folder(folder: Path) -> None:
    """Make the folder so that others may pass through it to ``incoming``, and change nothing."""
    if not folder.is_dir():
        folder.mkdir(parents=True)
        folder.chmod(0o755)


def _write_new(file: Path, text: str) -> None:
    # The settings too: whoever writes a password there does not think of the file's mode.
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
