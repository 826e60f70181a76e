"""Forms and queries of the admin: only the fields there are, each once, each of its type."""

from __future__ import annotations

import pytest

from tests.admin.world import Admin, World


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (
            "form_token={t}&action=approve&revision=1&seen=held&extra=1",
            "application/x-www-form-urlencoded",
            400,
        ),
        (
            "form_token={t}&action=approve&action=reject&revision=1&seen=held",
            "application/x-www-form-urlencoded",
            422,
        ),
        ("form_token={t}&action[]=approve&revision=1&seen=held", "application/x-www-form-urlencoded", 422),
        ("form_token={t}&action=approve&revision=one&seen=held", "application/x-www-form-urlencoded", 422),
        ("form_token={t}&action=approve&revision=0&seen=held", "application/x-www-form-urlencoded", 422),
        ("form_token={t}&action=approve&revision=1&seen=maybe", "application/x-www-form-urlencoded", 422),
        ("form_token={t}&action=approve", "application/x-www-form-urlencoded", 422),
        ("form_token={t}&action=destroy&revision=1&seen=held", "application/x-www-form-urlencoded", 422),
        ('{"form_token":"{t}","action":["approve"],"revision":1,"seen":"held"}', "application/json", 422),
        ('{"form_token":"{t}","action":null,"revision":1,"seen":"held"}', "application/json", 422),
        ("form_token={t}&action=approve", "text/plain", 415),
        ("form_token={t}&action=approve", "", 415),
        ("form_token={t}&text=" + "x" * 70_000, "application/x-www-form-urlencoded", 413),
    ],
)
async def test_a_form_is_held_to_its_fields(
    world: World, bob: Admin, body: str, kind: str, status: int
) -> None:
    comment = await world.comment()

    answer = await bob.client.post(
        f"/admin/sites/blog/comments/{comment}/decisions",
        content=body.replace("{t}", bob.token),
        headers={"content-type": kind} if kind else {},
    )

    assert answer.status_code == status
    assert (await world.stored(comment)).status == "held"


async def test_queries_are_held_to_their_fields(bob: Admin) -> None:
    for path, status in (
        ("comments?status=secret", 422),
        ("comments?before=x'", 422),
        ("comments?text=a&text=b", 422),
        ("comments?order=name", 400),
        (f"comments?text={'x' * 201}", 422),
        ("queue?after=1", 422),
        ("log?before=", 422),
        ("comments/not-an-id", 404),
        ("choices?subject=nowhere&widget=like", 404),
    ):
        answer = await bob.get(path)

        assert (path, status) == (path, answer.status_code)


async def test_scripts_get_refusals_as_problems(world: World) -> None:
    answer = await world.client().get("/admin/sites/blog/queue", headers={"accept": "application/json"})

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "sign_in_required"
