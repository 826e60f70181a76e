"""Builds the distributions, looks into them, and runs the server from its wheel alone.

Usage: python -m tools.wheels
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
import venv
import zipfile
from pathlib import Path

from tools.environment import extra, requirements
from tools.paths import CACHE, CONSTRAINTS, MODULE, MODULES, ROOT, program_of, python_of
from tools.ports import free_port

SERVER = "widget_server/"
KINDS = (".html", ".css", ".sql", ".js")
PATIENCE = 30.0  # seconds for a server to start on a busy machine


def main() -> int:
    """Build and look; 1 with what is wrong on stderr."""
    with tempfile.TemporaryDirectory(prefix="transom wheels ") as folder:
        try:
            server, sdk = build(ROOT, Path(folder) / "server"), build(ROOT / "sdk", Path(folder) / "sdk")
            look_into(server, sources())
            look_into(sdk, {"transom/__init__.py", "transom/py.typed"})
            run_from(server, Path(folder))
        except (AssertionError, OSError, subprocess.CalledProcessError) as error:
            print(error, file=sys.stderr)
            return 1
    return 0


def build(project: Path, out: Path) -> Path:
    """The wheel, made out of the source distribution, so that both are known to be whole."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(project)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    (archive,) = out.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        stray = [name for name in tar.getnames() if "/tests/" in name or "node_modules" in name]
    if stray:
        raise AssertionError(f"{archive.name} carries what it should not: {stray[:5]}")
    (wheel,) = out.glob("*.whl")
    return wheel


def sources() -> set[str]:
    """What the server's wheel must carry: every file of the package that the repository keeps."""
    listing = ["git", "ls-files", SERVER]
    kept = subprocess.run(listing, check=True, capture_output=True, text=True, cwd=ROOT).stdout.splitlines()
    names = {name for name in kept if (ROOT / name).is_file()}
    names |= {module.relative_to(ROOT).as_posix() for module in MODULES}
    for kind in KINDS:
        if not any(name.endswith(kind) for name in names):
            raise AssertionError(f"the package has no {kind} file at all")
    return names


def look_into(wheel: Path, wanted: set[str]) -> None:
    """Complain about a wheel that lacks a file, or carries tests or sources of the build."""
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    missing = sorted(wanted - inside)
    stray = sorted(name for name in inside if "tests/" in name or name.endswith((".ts", ".pyc")))
    size = wheel.stat().st_size
    print(f"{wheel.name}: {len(inside)} files, {size:,} bytes")
    if missing or stray:
        raise AssertionError(f"{wheel.name}: missing {missing}, not wanted {stray}")


def run_from(wheel: Path, folder: Path) -> None:
    """Install the wheel into an empty environment and ask the server that it starts."""
    target = folder / "empty venv"
    venv.create(target, with_pip=True, symlinks=os.name != "nt")
    offline = ["--no-index", "--find-links", str(wheelhouse())]
    pip = [str(python_of(target)), "-m", "pip", "install", "-qq", "--disable-pip-version-check", *offline]
    subprocess.run([*pip, str(wheel)], check=True, cwd=folder)
    bare = {"PATH": os.defpath, "HOME": str(folder), "PYTHONSAFEPATH": "1"}
    if os.name != "nt":
        bare["PATH"] = str(empty_path(folder))
    program = str(program_of(target, "transom"))
    told = subprocess.run(
        [program, "--version"], check=True, capture_output=True, text=True, cwd=folder, env=bare
    )
    print(told.stdout.strip())
    data = folder / "data"
    port = free_port()
    subprocess.run(
        [program, "site", "create", "blog", "--origin", "https://blog.example", "--data", str(data)],
        check=True,
        cwd=folder,
        env=bare,
        stdout=subprocess.DEVNULL,
    )
    server = subprocess.Popen(
        [program, "serve", "--port", str(port), "--data", str(data)],
        cwd=folder,
        env=bare,
        stdout=subprocess.DEVNULL,
    )
    try:
        ask(server, port)
    finally:
        server.terminate()
        server.wait(PATIENCE)


def ask(server: subprocess.Popen[bytes], port: int) -> None:
    """Fetch what a first visitor fetches."""
    base = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + PATIENCE
    while fetch(f"{base}/healthz") is None:
        if server.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"the installed server does not answer: status {server.returncode}")
        time.sleep(0.1)
    if fetch(f"{base}/transom.js") != MODULE.read_bytes():
        raise AssertionError("/transom.js is not the module of this checkout")
    page = json.loads(
        fetch(f"{base}/v1/blog/page?subject=/&widgets=like,comments,count&format=fragments") or b"{}"
    )
    if set(page.get("widgets", {})) != {"like", "comments", "count"} or page.get("degraded"):
        raise AssertionError(f"the installed server's first page: {page}")
    print("installed from the wheel: healthz, transom.js and a page of three widgets answer")


def fetch(url: str) -> bytes | None:
    """A body, or nothing where there is no good answer yet."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 -- only our own http:// addresses
            body: bytes = answer.read()
            return body
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return None


def wheelhouse() -> Path:
    """The runtime's packages as wheels, PostgreSQL's with them, fetched once for each set of pins."""
    needed = [*requirements("runtime"), *extra("postgres")]
    wanted = json.dumps([sorted(needed), CONSTRAINTS.read_text(), sys.version_info[:2]])
    house = CACHE / "wheels" / hashlib.sha256(wanted.encode()).hexdigest()[:16]
    if not house.is_dir():
        shutil.rmtree(house.parent, ignore_errors=True)
        part = house.with_suffix(".part")
        pip = [sys.executable, "-m", "pip", "wheel", "-qq", "--wheel-dir", str(part)]
        subprocess.run([*pip, "--constraint", str(CONSTRAINTS), *needed], check=True, cwd=ROOT)
        part.rename(house)
    return house


def empty_path(folder: Path) -> Path:
    """A PATH on which there is no Node, nor anything else."""
    path = folder / "no programs"
    path.mkdir(exist_ok=True)
    return path


if __name__ == "__main__":
    sys.exit(main())
