"""Store: run the migrations that a database has not had."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine

from recommender.errors import StorageError


def upgrade_to_head(engine: Engine) -> None:
    """Bring the schema to the newest revision, in one transaction.

    Of several processes that start together one migrates, and the others find it done.

    Parameters
    ----------
    engine : Engine
        One whose transactions may write.

    Raises
    ------
    StorageError
        If the database was written by a newer version of the program.
    """
    with engine.begin() as connection:
        config = _config(connection)
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise StorageError(
                f"the database's schema is unknown here ({error}); it was written by a newer "
                "version: install that one, or restore an older backup"
            ) from error


def upgrade_to(connection: Connection, revision: str) -> bool:
    """Make the schema of one revision in an empty database.

    Returns
    -------
    bool
        False where there is no such revision, in which case nothing is made.
    """
    config = _config(connection)
    known = {each.revision for each in ScriptDirectory.from_config(config).walk_revisions()}
    if revision in known:
        command.upgrade(config, revision)
    return revision in known


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
