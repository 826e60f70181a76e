"""The admin's templates and static files, read once; every answer carries the headers that keep it safe."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.resources import files
from typing import Any

from starlette.responses import HTMLResponse, Response

from widget_server.errors import NotFound
from widget_server.web.admin import words
from widget_server.web.templating import environment_of

TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)

SAFE = {
    "content-security-policy": POLICY,
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # `no-referrer` would make browsers send `Origin: null` with our own forms; a path must not leave this host.
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}
"""Headers of every answer below `/admin`."""


@lru_cache(maxsize=16)
def pages_below(base: str) -> Pages:
    """The pages of an admin that stands under the path `base`; servers that one process opens share them."""
    return Pages(base)


class Pages:
    """Makes the admin's answers."""

    def __init__(self, base: str) -> None:
        """`base`: the path under which the admin stands."""
        folder = files("widget_server.web.admin")
        self._static = {
            each.name: each.read_bytes() for each in folder.joinpath("static").iterdir() if each.is_file()
        }
        self.version = hashlib.sha256(
            b"".join(self._static[name] for name in sorted(self._static))
        ).hexdigest()[:16]
        texts = {
            each.name: each.read_text(encoding="utf-8") for each in folder.joinpath("templates").iterdir()
        }
        self._environment = environment_of(texts)
        self._environment.filters |= words.FILTERS
        self._environment.globals |= {"base": base, "static": f"{base}/static/{self.version}", "words": words}
        self._templates = {name: self._environment.get_template(name) for name in texts}

    def answer(self, template: str, code: int = 200, /, **values: Any) -> Response:  # noqa: ANN401 - a template's
        """A page."""
        return HTMLResponse(self._templates[template].render(values), code)

    def static(self, name: str) -> Response:
        """A file that never changes under its address."""
        if name not in self._static:
            raise NotFound
        kind = TYPES[name.rpartition(".")[2]]
        headers = {"cache-control": "public, max-age=31536000, immutable"}
        return Response(self._static[name], headers=headers, media_type=kind)
