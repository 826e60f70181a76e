"""Isso under measurement: the release from PyPI in an environment of its own, run as its documentation recommends.

That is gunicorn with four workers (`gunicorn -b HOST:PORT -w 4 --preload isso.run`), its rate limits switched off, and
what its own browser half asks for.
"""

from __future__ import annotations

import sqlite3
import subprocess
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks.asking import MARK, ORIGIN, get, path_of, send_json
from benchmarks.corpus import HUNDRED, Text
from benchmarks.processes import HOST, running

WANTED = ("isso==0.14.0", "gunicorn")
WORKERS = 4
FILE = "comments.db"
MOST_LIKES = 142
"""Votes that one comment takes; further ones are refused."""
CONFIGURATION = """\
[general]
dbpath = {database}
host = {origin}
log-file = {folder}/isso.said
[server]
listen = http://{host}:{port}
trusted-proxies = 127.0.0.1
[guard]
enabled = false
[hash]
algorithm = pbkdf2
"""


def thread(name: str) -> str:
    """Isso's name of a page."""
    return f"/{name}"


def page(name: str) -> str:
    """What its browser half asks for with its default settings: all roots, five replies under each."""
    return path_of("/", uri=thread(name), nested_limit="5", sort="oldest")


def reads(port: int, names: Sequence[str]) -> Sequence[bytes]:
    """A read of each page."""
    return [get(port, page(name)) for name in names]


def counts(port: int, names: Sequence[str]) -> bytes:
    """What its browser half asks for where a list of pages is read."""
    return send_json(port, "/count", [thread(name) for name in names], "10.0.0.1")


def posts(
    port: int, count: int, run: int, texts: Sequence[str], names: Sequence[str] = (HUNDRED,)
) -> Sequence[bytes]:
    """Comments on these pages in turn, no two alike, each from another network; `run` is below 200."""
    return [
        _numbered(
            port,
            path_of("/new", uri=thread(names[place % len(names)])),
            {"text": f"{texts[place % len(texts)]}\n\n{MARK}", "author": "Alice", "title": "A page"},
            run,
            place,
        )
        for place in range(count)
    ]


def likes(port: int, count: int, run: int, comments: int) -> Sequence[bytes]:
    """Likes from as many networks, spread over the first comments, since each takes a limited number."""
    if count > comments * MOST_LIKES:
        raise ValueError("So many likes would be refused.")
    return [
        send_json(port, f"/id/{place % comments + 1}/like", {}, _sender(run, place)) for place in range(count)
    ]


def recorded(folder: Path) -> int:
    """How many comments and likes its database holds."""
    with closing(sqlite3.connect(f"file:{folder / FILE}?mode=ro", uri=True)) as database:
        asked = "select count(*) + coalesce(sum(likes), 0) from comments"
        found: int = database.execute(asked).fetchone()[0]
        return found


def install(folder: Path) -> Path:
    """An environment with Isso and gunicorn, made once; gives the folder of its commands."""
    commands = folder / "bin"
    stamp = folder / "installed"
    if not stamp.is_file() or stamp.read_text() != repr(WANTED):
        print("Installing Isso from PyPI: done once, then kept.", flush=True)
        venv.create(folder, with_pip=True, clear=True)
        pip = [str(commands / "python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        subprocess.run([*pip, *WANTED], check=True)
        stamp.write_text(repr(WANTED))
    return commands


@contextmanager
def isso(port: int, folder: Path, commands: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Serve the folder's database, which is made where it is missing, until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "isso.cfg"
    settings.write_text(
        CONFIGURATION.format(database=folder / FILE, origin=ORIGIN, folder=folder, host=HOST, port=port)
    )
    command = [
        str(commands / "gunicorn"),
        "-b",
        f"{HOST}:{port}",
        "-w",
        str(WORKERS),
        "--preload",
        "isso.run",
    ]
    with running(command, port, folder / "isso.log", {"ISSO_SETTINGS": str(settings)}) as process:
        yield process


def fill(folder: Path, commands: Path, threads: Mapping[str, Sequence[Text]], port: int) -> None:
    """Let Isso make its database, and put the threads into it."""
    with isso(port, folder, commands):
        pass
    with sqlite3.connect(folder / FILE) as database:
        first = 1
        for number, (name, texts) in enumerate(threads.items(), 1):
            database.execute(
                "insert into threads (id, uri, title) values (?, ?, 'A page')", (number, thread(name))
            )
            database.executemany(
                "insert into comments (tid, id, parent, created, mode, remote_addr, text, author, voters)"
                " values (?, ?, ?, ?, 1, '10.0.0.0', ?, ?, ?)",
                [_row(number, first, place, text) for place, text in enumerate(texts)],
            )
            first += len(texts)
    database.close()


def _row(number: int, first: int, place: int, text: Text) -> tuple[object, ...]:
    parent = None if text.parent is None else first + text.parent
    return number, first + place, parent, text.created / 1000, text.source, text.name, bytes(256)


def _numbered(port: int, path: str, value: object, run: int, place: int) -> bytes:
    return send_json(port, path, value, _sender(run, place)).replace(MARK.encode(), b"%020d" % place)


def _sender(run: int, place: int) -> str:
    """An address whose network (Isso looks at the first 24 bits) comes once in a run."""
    return f"{11 + run}.{place >> 8 & 255}.{place & 255}.1"
