"""The client says what the protocol says, and tells problems as they are."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs

import httpx
import pytest

from transom import Problem, Transom

URL = "https://blog.example/hello"
DONE = {
    "id": "018f",
    "verdict": "publish",
    "reasons": [],
    "person": {"id": "p1", "name": ""},
    "widget": "like",
    "summary": {"count": 1, "mine": True},
}


def client(answer: Callable[[httpx.Request], httpx.Response]) -> Transom:
    """A client whose server is a function."""
    return Transom("https://talk.example.com/", "blog", transport=httpx.MockTransport(answer))


def form_of(request: httpx.Request) -> dict[str, str]:
    """The fields of a posted form."""
    return {name: values[0] for name, values in parse_qs(request.content.decode()).items()}


def test_a_page_is_asked_for_once_with_all_of_its_widgets() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert (
            str(request.url) == "https://talk.example.com/v1/blog/page?subject=%2Fhello&widgets=like%2Ccount"
        )
        return httpx.Response(200, json={"subject": "/hello", "widgets": {"like": {"count": 2}, "count": {}}})

    with client(answer) as blog:
        assert blog.page("/hello", ("like", "count")) == {"like": {"count": 2}, "count": {}}


def test_counts_of_many_subjects_are_one_request() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.params.get_list("subject") == ["/a", "/b"]
        return httpx.Response(200, json={"counts": {"/a": 3, "/b": 0}})

    with client(answer) as blog:
        assert blog.counts(["/a", "/b"]) == {"/a": 3, "/b": 0}


def test_the_identity_of_the_first_interaction_is_kept_and_each_has_its_own_key() -> None:
    forms: list[dict[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["Origin"] == "https://blog.example"
        assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
        forms.append(form_of(request))
        return httpx.Response(200, json=DONE | ({} if "token" in forms[-1] else {"token": "signed"}))

    with client(answer) as blog:
        liked = blog.interact("/hello", URL, "like", "like")
        blog.interact("/hello", URL, "comments", "comment", text="Hi", idempotency_key="k")

    assert (liked.id, liked.verdict, liked.summary) == ("018f", "publish", {"count": 1, "mine": True})
    assert blog.token == "signed"
    assert forms[0].pop("idempotency_key") != forms[1]["idempotency_key"]
    assert forms[0] == {"subject": "/hello", "url": URL, "widget": "like", "action": "like"}
    assert forms[1] == {
        "subject": "/hello",
        "url": URL,
        "widget": "comments",
        "action": "comment",
        "text": "Hi",
        "idempotency_key": "k",
        "token": "signed",
    }


def test_a_refusal_is_a_problem_with_its_code_and_its_request() -> None:
    body = {"type": "about:blank", "title": "Forbidden", "status": 403, "detail": "Not from there.",
            "code": "origin_not_allowed", "request_id": "r1"}  # fmt: skip
    refusing = client(
        lambda _: httpx.Response(403, json=body, headers={"Content-Type": "application/problem+json"})
    )

    with refusing, pytest.raises(Problem) as caught:
        refusing.counts(["/a"])

    problem = caught.value
    assert (problem.status, problem.code, problem.detail, problem.request_id) == (
        403, "origin_not_allowed", "Not from there.", "r1",
    )  # fmt: skip
    assert str(problem) == "403 origin_not_allowed: Not from there. [request r1]"


@pytest.mark.parametrize("body", [b"<h1>Bad gateway</h1>", b"[1]", b"\xff", b'{"code": 7}'])
def test_an_answer_by_somebody_else_is_a_problem_too(body: bytes) -> None:
    with client(lambda _: httpx.Response(502, content=body)) as broken, pytest.raises(Problem) as caught:
        broken.page("/hello")

    assert (caught.value.status, caught.value.code, caught.value.detail) == (502, "http_error", "Bad Gateway")


def test_a_server_that_is_not_there_is_an_error_of_httpx() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with client(answer) as gone, pytest.raises(httpx.ConnectError):
        gone.page("/hello")
