"""A client for one site of a Transom server."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx

from transom.embed import address
from transom.problems import problem_of, read_object

TIMEOUT = 10.0  # seconds for any one step of a request


@dataclass(frozen=True, slots=True)
class Interaction:
    """What became of an interaction; `verdict` is `publish`, `hold` or `reject`, `reasons` say why.

    `summary` is the widget's, as this person sees it; it is empty where the widget failed after the fact.
    """

    id: str
    verdict: str
    reasons: tuple[str, ...]
    person: Mapping[str, Any]
    summary: Mapping[str, Any]


class Transom:
    """Reads and interacts as one guest, whose identity the server issues with the first interaction.

    `token` is that identity: keep it to be the same guest again. Every method raises `Problem` where the
    server refuses, and httpx's errors where it cannot be reached.
    """

    def __init__(
        self,
        base_url: str,
        site: str,
        transport: httpx.BaseTransport | None = None,
        *,
        token: str | None = None,
    ) -> None:
        """Connect to nothing yet; `transport` is httpx's, for tests and proxies."""
        base = f"{address(base_url)}/v1/{quote(site, safe='')}/"
        self.token = token
        self._http = httpx.Client(base_url=base, transport=transport, timeout=TIMEOUT)

    def page(self, subject: str, widgets: Sequence[str] = ("like", "comments")) -> dict[str, Any]:
        """Each widget's summary of a subject, by widget, as everybody sees it."""
        answer = self._get("page", {"subject": subject, "widgets": ",".join(widgets)})
        summaries: dict[str, Any] = answer["widgets"]
        return summaries

    def counts(self, subjects: Sequence[str]) -> dict[str, int]:
        """How many comments are published on each subject."""
        answer = self._get("counts", {"subject": list(subjects)})
        counts: dict[str, int] = answer["counts"]
        return counts

    def interact(self, subject: str, url: str, widget: str, action: str, **fields: str) -> Interaction:
        """Do what a widget offers: `interact("/p", "https://blog.example/p", "like", "like")`.

        `url` is the subject's page, on one of the site's origins; `fields` are the action's own, like `text`.
        Give the same `idempotency_key` again to repeat a request that may or may not have arrived; without
        one, every call is a new doing.
        """
        form = {"idempotency_key": str(uuid.uuid4()), **fields}
        form |= {"subject": subject, "url": url, "widget": widget, "action": action}
        if self.token:
            form["token"] = self.token
        parts = urlsplit(url)
        headers = {"Origin": f"{parts.scheme}://{parts.netloc}"}
        answer = _read(self._http.post("interactions", data=form, headers=headers))
        self.token = answer.get("token") or self.token
        return Interaction(
            id=answer["id"],
            verdict=answer["verdict"],
            reasons=tuple(answer["reasons"]),
            person=answer["person"],
            summary=answer.get("summary") or {},
        )

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _get(self, path: str, query: Mapping[str, str | list[str]]) -> dict[str, Any]:
        return _read(self._http.get(path, params=query))


def _read(response: httpx.Response) -> dict[str, Any]:
    if not response.is_success:
        raise problem_of(response)
    return read_object(response)
