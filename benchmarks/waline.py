"""Waline under measurement: the release from npm with its SQLite storage, run as its documentation recommends.

That is one process of Node (`node node_modules/@waline/vercel/vanilla.js`), as in its own image and compose file. Its
limit on posts and its calls to other people's servers are off: the spam check has a setting for that, and the list of
sign-in services, which it fetches from the internet for every single request, is answered within the process. Both
make it faster than it is in the wild.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks.asking import MARK, ORIGIN, get, path_of, send_json
from benchmarks.corpus import HUNDRED, Text
from benchmarks.processes import running
from tools import node

WANTED = {"@waline/vercel": "1.39.3"}
MAY_BUILD = {"sqlite3": True}
"""Packages whose install scripts npm may run: this one compiles SQLite where nobody has done it already."""
OFFLINE = "--import=data:text/javascript,globalThis.fetch=async()=>Response.json({services:[]})"
FILE = "waline.sqlite"
SETTINGS = {
    "JWT_TOKEN": "for measurements alone",
    "SITE_NAME": "Benchmark",
    "SITE_URL": ORIGIN,
    "SECURE_DOMAINS": "blog.example",
    "IPQPS": "0",
    "AKISMET_KEY": "false",
    "NODE_ENV": "production",
}
COLUMNS = {
    "wl_Comment": "user_id integer, comment text, insertedAt datetime default current_timestamp, ip text, link text,"
    ' mail text, nick text, rid integer, pid integer, sticky numeric, status text not null, "like" integer, ua text,'
    " url text",
    "wl_Counter": "time integer, url text",
    "wl_Users": "display_name text, email text, password text, type text, label text, avatar text, url text",
}
"""The tables that its documentation has one make by hand; it makes none itself."""
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"


def page(name: str) -> str:
    """What its browser half asks for with its default settings: ten roots, all replies under each."""
    default = {"pageSize": "10", "page": "1", "lang": "en-US", "sortBy": "insertedAt_desc"}
    return path_of("/api/comment", path=f"/{name}", **default)


def counts(names: Sequence[str]) -> str:
    """What its browser half asks for where a list of pages is read."""
    return path_of("/api/comment", type="count", url=",".join(f"/{name}" for name in names), lang="en-US")


def reads(port: int, names: Sequence[str]) -> Sequence[bytes]:
    """A read of each page."""
    return [get(port, page(name)) for name in names]


def posts(
    port: int, count: int, run: int, texts: Sequence[str], names: Sequence[str] = (HUNDRED,)
) -> Sequence[bytes]:
    """Comments on these pages in turn, no two alike, each from another address."""
    path = path_of("/api/comment", lang="en-US")
    found = []
    for place in range(count):
        text = f"{texts[place % len(texts)]}\n\n{run}-{MARK}"
        value = {"comment": text, "nick": "Alice", "ua": AGENT, "url": f"/{names[place % len(names)]}"}
        about = {**value, "mail": "", "link": ""}
        request = send_json(port, path, about, _sender(run, place))
        found.append(request.replace(MARK.encode(), b"%020d" % place))
    return found


def likes(port: int, count: int, run: int, comments: int) -> Sequence[bytes]:
    """Likes of the first comments in turn; it does not ask who likes."""
    return [
        send_json(
            port,
            f"/api/comment/{place % comments + 1}?lang=en-US",
            {"like": True},
            _sender(run, place),
            "PUT",
        )
        for place in range(count)
    ]


def recorded(folder: Path) -> int:
    """How many comments and likes its database holds."""
    with closing(sqlite3.connect(f"file:{folder / FILE}?mode=ro", uri=True)) as database:
        asked = 'select count(*) + coalesce(sum("like"), 0) from wl_Comment'
        found: int = database.execute(asked).fetchone()[0]
        return found


def install(folder: Path) -> Path:
    """A folder with Waline in `node_modules`, filled once; gives its script."""
    script = folder / "node_modules" / "@waline" / "vercel" / "vanilla.js"
    manifest = json.dumps({"private": True, "dependencies": WANTED, "allowScripts": MAY_BUILD})
    file = folder / "package.json"
    stamp = folder / "installed"
    if not stamp.is_file() or stamp.read_text() != manifest:
        print("Installing Waline from npm: done once, then kept; some minutes.", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        file.write_text(manifest)
        program, npm = node.find()
        quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(
            [program, npm, "install", *quiet], check=False, cwd=folder, capture_output=True, text=True
        )
        if done.returncode:
            raise SystemExit(
                f"Waline cannot be installed; --without waline does without.\n{done.stderr[-2000:]}"
            )
        stamp.write_text(manifest)
    return script


@contextmanager
def waline(port: int, folder: Path, script: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Serve the folder's database until the block ends."""
    program, _ = node.find()
    settings = {**SETTINGS, "SQLITE_PATH": str(folder)}
    command = [program, OFFLINE, str(script), str(port)]
    with running(command, port, folder.with_suffix(".log"), settings) as process:
        yield process


def fill(folder: Path, threads: Mapping[str, Sequence[Text]]) -> None:
    """Make its database, with these threads in it."""
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(folder / FILE)) as database:
        more = "createdAt datetime default current_timestamp, updatedAt datetime default current_timestamp"
        for table, columns in COLUMNS.items():
            database.execute(
                f"create table {table} (id integer primary key autoincrement, {columns}, {more})"
            )
        first = 1
        for name, texts in threads.items():
            database.executemany(
                "insert into wl_Comment (id, comment, insertedAt, ip, link, mail, nick, rid, pid, status, ua, url)"
                " values (?, ?, ?, '10.0.0.1', '', '', ?, ?, ?, 'approved', ?, ?)",
                [_row(name, first, place, text) for place, text in enumerate(texts)],
            )
            first += len(texts)
        database.commit()


def _row(name: str, first: int, place: int, text: Text) -> tuple[object, ...]:
    root = None if text.parent is None else first + text.parent
    at = dt.datetime.fromtimestamp(text.created / 1000, dt.UTC).strftime("%Y-%m-%d %H:%M:%S")
    return first + place, text.source, at, text.name, root, root, AGENT, f"/{name}"


def _sender(run: int, place: int) -> str:
    return f"{11 + run}.{place >> 16 & 255}.{place >> 8 & 255}.{place & 255}"
