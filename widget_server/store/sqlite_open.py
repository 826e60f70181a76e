"""Opening a SQLite file: a connection that writes, and others that only read."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from widget_server.store.changes import Own
from widget_server.store.complaints import complaint
from widget_server.store.limits import Limits
from widget_server.store.sqlite_session import OPCODES, Session
from widget_server.store.turns import Turns


def open_writer(path: str | os.PathLike[str], limits: Limits) -> Session:
    """The connection that writes; makes the file and its folder, which nobody else may read."""
    file = Path(path).resolve()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        turns = Turns(file.with_name(f"{file.name}.lock"))
        with turns:
            # SQLite gives its log the mode of the file. Only a file that was not there is opened here:
            # closing a descriptor of one that is open elsewhere in this process would drop SQLite's locks.
            with suppress(FileExistsError):
                os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            session = _connected(file, limits, turns, writes=True)
            _settle_for_writing(session)
    except (OSError, sqlite3.Error) as error:
        raise complaint(error, file) from error
    return session


def open_reader(writer: Session) -> Session:
    """A connection that only reads, and never touches the log: that is the writer's."""
    session = _connected(writer.path, writer.limits, writer.turns, writes=False)
    session.execute("pragma query_only = on")
    session.execute("pragma wal_autocheckpoint = 0")
    return session


def _connected(file: Path, limits: Limits, turns: Turns, *, writes: bool) -> Session:
    session = sqlite3.connect(
        file, timeout=limits.wait, isolation_level=None, cached_statements=512, factory=Session
    )
    session.row_factory = sqlite3.Row
    session.path, session.limits, session.turns, session.writes = file, limits, turns, writes
    session.set_progress_handler(session.overdue, OPCODES)
    return session


def _settle_for_writing(session: Session) -> None:
    try:
        session.execute("pragma journal_mode = wal")
        session.execute("pragma synchronous = full")
        session.execute("pragma foreign_keys = on")
        # What people take back must not stay readable in the file's free pages.
        session.execute("pragma secure_delete = on")
        session.execute(f"pragma journal_size_limit = {session.limits.log_bytes // 4}")
        session.execute("begin immediate")
        session.execute(
            "pragma user_version = 0"
        )  # tells now, and not at the first comment, what is read-only
        session.execute("rollback")
        session.own = Own()
        session.first = session.clocks()
    except BaseException:
        session.close()
        raise
