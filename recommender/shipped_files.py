"""Files that come with the program: in its package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).parent
_CHECKOUT: Final = _PACKAGE.parent


def reference_settings() -> str:
    """Read ``recommender.toml``, which shows every setting with its default."""
    packaged = _PACKAGE / "recommender.toml"
    path = packaged if packaged.is_file() else _CHECKOUT / "config" / packaged.name
    return path.read_text(encoding="utf-8")


def systemd_files() -> dict[str, str]:
    """Read what systemd is given: units, and the account that they run as, by their names."""
    packaged = _PACKAGE / "systemd"
    folder = packaged if packaged.is_dir() else _CHECKOUT / "systemd"
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir())}
