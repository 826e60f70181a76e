"""Clients that are slow, many, gone in the middle, or send less than they said: the others notice nothing."""

from __future__ import annotations

import asyncio
import resource
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.faults.asking import SITE, Unanswered, answer_of, get, post, until, written
from tests.faults.conftest import Serve
from tests.faults.crowd import Crowd
from tests.faults.ledger import balanced, rows_of, shown
from tests.faults.serving import Serving
from widget_server.commands.patience import MOST_HEAD
from widget_server.opening import DATABASE

MANY = 1_000
LIKE = {"subject": "/one", "widget": "like", "action": "like"}
UNLIKE = {**LIKE, "action": "unlike"}
SOON = 10.0
"""Seconds within which somebody else is answered meanwhile, on a busy machine."""

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def connected(port: int, number: int) -> AsyncIterator[Sequence[Connection]]:
    """So many connections, which are closed behind the block."""
    async with AsyncExitStack() as stack:
        made = [await asyncio.open_connection("127.0.0.1", port) for _ in range(number)]
        for _, writer in made:
            stack.callback(writer.close)
        yield made


@pytest.fixture
def _many_files() -> Iterator[None]:
    """Connections are files, here and in the server that is started."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= hard < 2 * MANY:
        pytest.skip("this machine allows too few open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (2 * MANY, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


WHOLE = written(**LIKE)
HEAD = WHOLE.index(b"\r\n\r\n") + 4


@pytest.mark.parametrize("begun", [WHOLE[:0], WHOLE[: HEAD - 20], WHOLE[:HEAD], WHOLE[:-1]])
async def test_who_does_not_send_a_whole_request_is_let_go(serve: Serve, begun: bytes) -> None:
    """Nothing at all, half a head, no body, or all but its last byte."""
    server = serve(request_seconds="1")
    await server.start()
    async with connected(server.port, 20) as slow:
        for _, writer in slow:
            writer.write(begun)
        assert (await post(server.port, SOON, **LIKE)).status == 200
        async with asyncio.timeout(SOON):
            heard = [await reader.read() for reader, _ in slow]

    assert {each.partition(b"\r\n")[0] for each in heard} == {
        b"HTTP/1.1 408 Request Timeout" if begun else b""
    }
    assert await likes(server) == 1
    assert "ERROR" not in server.log


async def test_who_sends_one_byte_after_the_other_is_let_go(serve: Serve) -> None:
    server = serve(request_seconds="1")
    await server.start()
    async with connected(server.port, 1) as [(reader, writer)]:
        hearing = asyncio.create_task(heard_of(reader))
        for byte in WHOLE:
            if hearing.done():
                break
            writer.write(bytes([byte]))
            await asyncio.sleep(0.02)
        assert b" 408 " in await hearing or hearing.result() == b""

    assert await likes(server) == 0


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="this system has no such option")
async def test_who_asks_and_takes_no_answer_is_let_go(serve: Serve) -> None:
    server = serve(request_seconds="1")
    await server.start()
    before = files_of(server)
    with socket.create_connection(("127.0.0.1", server.port)) as greedy:
        greedy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        for _ in range(MANY):
            greedy.send(b"GET /transom.js HTTP/1.1\r\nhost: talk\r\n\r\n")

        async def is_let_go() -> bool:
            return files_of(server) == before

        async def is_there() -> bool:
            return files_of(server) > before

        await until(is_there)
        await until(is_let_go, 2 * SOON)


def files_of(server: Serving) -> int:
    """How many files it has open, connections among them."""
    return len(list(Path(f"/proc/{server.pid}/fd").iterdir()))


async def test_a_head_without_end_is_refused(serve: Serve) -> None:
    server = serve()
    await server.start()
    async with connected(server.port, 1) as [(reader, writer)]:
        writer.write(b"GET /healthz HTTP/1.1\r\nhost: talk\r\n")
        with suppress(ConnectionError):
            for number in range(MOST_HEAD // 1_000 + 2):
                writer.write(b"x-%d: %s\r\n" % (number, b"y" * 1_000))
                await writer.drain()
        async with asyncio.timeout(SOON):
            heard = await heard_of(reader)
    assert b" 431 " in heard or heard == b""
    assert await server.answers()


@pytest.mark.usefixtures("_many_files")
async def test_a_thousand_connections_hold_up_nobody(serve: Serve) -> None:
    server = serve()
    await server.start()
    async with connected(server.port, MANY) as crowd:
        for number, (_, writer) in enumerate(crowd):
            writer.write(WHOLE[: number % HEAD])
        for _ in range(10):
            assert (await post(server.port, SOON, **LIKE)).status == 200
            assert (await get(server.port, f"/v1/{SITE}/page?subject=/one", SOON)).status == 200
        for number, (_, writer) in enumerate(crowd):
            writer.write(WHOLE[number % HEAD :])
        heard = await asyncio.gather(*(reader.read() for reader, _ in crowd))

    assert Counter(answer_of(each).status for each in heard) == {200: MANY}
    assert await likes(server) == MANY + 10


@pytest.mark.parametrize("sent", [WHOLE[: HEAD - 20], WHOLE[:HEAD], WHOLE[:-1]])
async def test_who_goes_in_the_middle_leaves_nothing_behind(serve: Serve, sent: bytes) -> None:
    """Whether the end is clean, or there is less than was declared."""
    server = serve()
    await server.start()
    for _ in range(20):
        async with connected(server.port, 1) as [(_, writer)]:
            writer.write(sent)
            await writer.drain()
        with suppress(Unanswered):
            await post(server.port, SOON, **UNLIKE)

    assert await likes(server) == 0
    assert "ERROR" not in server.log


async def test_who_sends_more_than_was_declared_is_heard_as_far_as_that(serve: Serve) -> None:
    server = serve()
    await server.start()
    async with connected(server.port, 1) as [(reader, writer)]:
        writer.write(WHOLE + b"&action=unlike" * 1_000)
        async with asyncio.timeout(SOON):
            heard = await reader.readline()

    assert heard == b"HTTP/1.1 200 OK\r\n"
    assert await likes(server) == 1
    assert "ERROR" not in server.log


async def test_who_goes_before_the_answer_finds_it_done_once(serve: Serve) -> None:
    server = serve()
    await server.start()
    keys = [f"{'k' * 16}-{number}" for number in range(50)]
    for key in keys:
        async with connected(server.port, 1) as [(_, writer)]:
            writer.write(written(**LIKE, idempotency_key=key))
            await writer.drain()
    again = [await post(server.port, SOON, **LIKE, idempotency_key=key) for key in keys]

    assert {answer.status for answer in again} == {200}
    assert await likes(server) == len(keys)
    assert "ERROR" not in server.log


async def test_one_key_sent_by_many_at_once_to_two_processes_is_done_once(serve: Serve) -> None:
    servers = [serve(), serve()]
    await asyncio.gather(*(server.start() for server in servers))
    said = {
        "subject": "/one",
        "widget": "comments",
        "action": "comment",
        "text": "Once.",
        "idempotency_key": "k" * 16,
    }
    answers = await asyncio.gather(*(post(servers[number % 2].port, SOON, **said) for number in range(60)))

    assert Counter(answer.status for answer in answers) == {200: 60}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await rows_of(servers[0].data / DATABASE)("select * from interactions")) == 1


@pytest.mark.parametrize("workers", [1, 2])
async def test_a_server_that_is_told_to_end_in_the_middle_keeps_what_it_answered(
    serve: Serve, workers: int
) -> None:
    server = serve(workers=workers)
    crowd = Crowd(server.port)
    await server.start()
    crowd.start()
    for _ in range(3):
        await crowd.done(20)
        begun = time.monotonic()
        assert await server.stop() in {0, -15}
        assert time.monotonic() - begun < SOON
        await server.start()
    await crowd.done(20)
    await crowd.finish()

    ask = rows_of(server.data / DATABASE)
    assert set(crowd.met) <= {"unanswered"}
    await balanced(ask, crowd)
    await shown(ask, server.port)


async def heard_of(reader: asyncio.StreamReader) -> bytes:
    """What came before the end; nothing, where it was lost to the reset of a connection on which one still sent."""
    with suppress(ConnectionError):
        return await reader.read()
    return b""


async def likes(server: Serving) -> int:
    """How many there are."""
    return len(await rows_of(server.data / DATABASE)("select * from interactions where kind = 'like'"))
