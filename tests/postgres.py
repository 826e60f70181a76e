"""A real PostgreSQL server for one test run, and a database for each test."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import asyncpg
from blockbuster import BlockBuster

from tests.postgres_programs import NEWEST, programs_of
from widget_server.store.migrate import migrate
from widget_server.store.postgres import open_postgres

T = TypeVar("T")

OTHER_USER = "nobody"
"""PostgreSQL refuses to run as root; where the tests do, it runs as this user, who owns nothing."""
PATIENCE = 60.0
SWIFT = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum_naptime=60s")
"""For tests that pull no plug: what is lost then does not matter."""
DIE_WITH_PARENT = 1
"""`PR_SET_PDEATHSIG` (prctl(2))."""


class Server:
    """One server in a folder of its own, reached through a socket there, or on a port."""

    def __init__(
        self, *, version: str = NEWEST, options: Sequence[str] = SWIFT, port: int | None = None
    ) -> None:
        """Nothing runs before `start`."""
        self._programs = programs_of(version)
        self._user = OTHER_USER if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="transom-pg-"))
        self.port = port
        self._options = [f"unix_socket_directories={self.folder}", "max_connections=100", *options]
        self._options += [f"listen_addresses={'127.0.0.1' if port else ''}", f"port={port or 5432}"]
        self.process: subprocess.Popen[bytes] | None = None
        self._make()

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        place = f"127.0.0.1:{self.port}" if self.port else ""
        return f"postgresql://transom@{place}/{database}" + ("" if place else f"?host={self.folder}")

    def start(self) -> None:
        """Start it; returns when it answers."""
        options = [word for option in self._options for word in ("-c", option)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self._programs / "postgres", "-D", self.folder / "data", *options],
                stdout=log,
                stderr=log,
                user=self._user,
                extra_groups=[] if self._user else None,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - it calls one function of C, and takes no lock
            )
        asyncio_run(self._answers)

    def kill(self) -> None:
        """End it as a power cut does: this process and its children, with nothing said."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)  # or it may have one more child than were listed
        listing = ["ps", "-o", "pid=", "--ppid", str(self.process.pid)]
        children = subprocess.run(listing, check=False, capture_output=True, text=True).stdout.split()
        for process in (*map(int, children), self.process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.process.wait(PATIENCE)
        # A new server refuses to start where one of them still holds the memory that they shared.
        deadline = time.monotonic() + PATIENCE
        states = ["ps", "-o", "stat=", "-p", ",".join(children)]
        while children and time.monotonic() < deadline:
            said = subprocess.run(states, check=False, capture_output=True, text=True).stdout.split()
            if all(state.startswith("Z") for state in said):
                break

    def stop(self) -> None:
        """End it at once, with whoever is connected."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(PATIENCE)

    def remove(self) -> None:
        """End it, and take its folder away."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make(self) -> None:
        if self._user:
            self._programs = self._within_reach(self._programs, self._user)
            shutil.chown(self.folder, self._user)
        words = ["-U", "transom", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run(
            [self._programs / "initdb", "-D", self.folder / "data", *words],
            check=True,
            capture_output=True,
            user=self._user,
            extra_groups=[] if self._user else None,
            cwd=self.folder,
        )

    def _within_reach(self, programs: Path, user: str) -> Path:
        """The programs, copied where the other user may not go to where they are."""
        try:
            subprocess.run(
                [programs / "postgres", "--version"],
                check=True,
                capture_output=True,
                user=user,
                extra_groups=[],
            )
        except PermissionError:
            copy = self.folder / "programs"
            shutil.copytree(programs.parent, copy, symlinks=True)
            return copy / programs.name
        return programs

    async def _answers(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                assert self.process is not None
                assert self.process.poll() is None, (self.folder / "log").read_text()
                try:
                    connection = await asyncpg.connect(self.url("postgres"))
                except (OSError, asyncpg.PostgresError):
                    await asyncio.sleep(0.02)
                else:
                    await connection.close()
                    return


class Shelf:
    """Databases that tests take, use and give back; they are emptied and used again, which takes a millisecond."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._connections: dict[str, asyncpg.Connection[asyncpg.Record]] = {}
        self._free: list[str] = []
        self._count = 0
        self._tables: tuple[str, ...] = ()

    def take(self) -> str:
        """The name of a database with the core's tables and nothing in them."""
        return self._free.pop() if self._free else self.run(self._made("model"))

    def take_bare(self) -> str:
        """The name of one without tables."""
        return self.run(self._made("template0"))

    def give_back(self, name: str) -> None:
        """Empty it; where it has other tables now, drop it."""
        if self.run(self._emptied(name)):
            self._free.append(name)

    def rows(self, name: str, query: str, *values: object) -> list[tuple[object, ...]]:
        """What a database answers."""
        return [tuple(row) for row in self.run(self._asked(name, query, values))]

    def fill(self, name: str, statement: str, many: Iterable[Sequence[object]]) -> None:
        """Write many rows into a database."""

        async def fill() -> None:
            await (await self._connection(name)).executemany(statement, many)

        self.run(fill())

    def close(self) -> None:
        """Leave; the server is somebody else's to end."""
        self.run(self._closed())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    def run(self, work: Awaitable[T]) -> T:
        """Wait for work on the shelf's own thread, whatever loop the test has."""

        async def done() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(done(), self._loop).result(PATIENCE)

    async def _made(self, template: str) -> str:
        if template == "model" and not self._tables:
            await self._make_model()
        self._count += 1
        name = f"test_{self._count}"
        await self._say(f"create database {name} template {template}")
        return name

    async def _make_model(self) -> None:
        await self._say("drop database if exists model")
        await self._say("create database model")
        database = await open_postgres(self.server.url("model"))
        await migrate(database, now=0)
        await database.close()
        connection = await asyncpg.connect(self.server.url("model"))
        self._tables = await _tables(connection)
        await connection.close()

    async def _say(self, text: str) -> None:
        await (await self._connection("postgres")).execute(text)

    async def _asked(self, name: str, query: str, values: Sequence[object]) -> list[asyncpg.Record]:
        return await (await self._connection(name)).fetch(query, *values)

    async def _emptied(self, name: str) -> bool:
        connection = await self._connection(name)
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        if await _tables(connection) != self._tables:
            await self._connections.pop(name).close()
            await self._say(f"drop database {name} with (force)")
            return False
        filled = [table for table in self._tables if table != "migrations"]
        emptied = [f"delete from {table}" for table in filled]  # noqa: S608 - our own tables
        await connection.execute("; ".join(emptied))
        return True

    async def _connection(self, name: str) -> asyncpg.Connection[asyncpg.Record]:
        known = self._connections.get(name)
        if known is None or known.is_closed():
            known = self._connections[name] = await asyncpg.connect(self.server.url(name))
        return known

    async def _closed(self) -> None:
        for connection in self._connections.values():
            await connection.close()


def may_look_for_passwords(blockbuster: BlockBuster) -> None:
    """Let the driver look for `~/.pgpass` and keys while it connects, which is not on the way of a request.

    And let a test wait for a database of its own.
    """
    for function in blockbuster.functions.values():
        function.can_block_in("asyncpg/connect_utils.py", "_parse_connect_dsn_and_args")
        function.can_block_in("tests/postgres.py", "run")


def asyncio_run(work: Callable[[], Awaitable[None]]) -> None:
    """Run it to its end on a thread, since the test may be on an event loop already."""

    async def main() -> None:
        await work()

    failure: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:  # noqa: BLE001 - raised where it was asked for
            failure.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]


async def _tables(connection: asyncpg.Connection[asyncpg.Record]) -> tuple[str, ...]:
    rows = await connection.fetch(
        "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        " order by relname"
    )
    return tuple(row["relname"] for row in rows)


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGQUIT)
