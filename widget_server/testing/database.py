"""What every `Database` keeps to, as tests that a driver's own test class inherits."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib.resources import files

import pytest

from widget_server import errors
from widget_server.store import Change, Database, MigrationSet, touched
from widget_server.testing.transactions import (
    PATIENCE,
    SITE,
    add_one,
    count,
    drain,
    echo,
    empty,
    for_ever,
    get,
    get_twice,
    nothing,
    put,
    put_and_raise,
    put_and_say,
    put_or_say,
    put_part,
    swallow_and_go_on,
    swallow_and_return,
    touch_and_raise,
)

CONTRACT = MigrationSet("contract", files("widget_server.testing").joinpath("migrations"))
"""The tables that the contract's tests use; run it after the core's."""


class DatabaseContract:
    """Inherit from it and override `opener`; no test may be overridden away."""

    @pytest.fixture
    def opener(self) -> Callable[[], Awaitable[Database]]:
        """Opens one and the same database, as another process would; empty, and migrated with `CONTRACT`."""
        raise NotImplementedError

    @pytest.fixture
    async def database(self, opener: Callable[[], Awaitable[Database]]) -> AsyncIterator[Database]:
        """The database under test."""
        database = await opener()
        yield database
        await database.close()

    @pytest.fixture
    async def neighbour(
        self, database: Database, opener: Callable[[], Awaitable[Database]]
    ) -> AsyncIterator[Database]:
        """The same database, as another process sees it."""
        del database  # only to be opened first
        neighbour = await opener()
        yield neighbour
        await neighbour.close()

    async def test_a_write_returns_what_its_transaction_returns(self, database: Database) -> None:
        """And what it wrote is read back."""
        assert await database.write(put("a", 7)) == 7
        assert await database.read(get("a")) == 7

    async def test_a_transaction_may_yield_nothing(self, database: Database) -> None:
        """It is a function then."""
        assert await database.write(nothing()) == "nothing"
        assert await database.read(nothing()) == "nothing"

    async def test_values_come_back_as_they_went(self, database: Database) -> None:
        """Text, whole numbers of 64 bits, fractions and null."""
        for text in ("", "Grüße 👋🏽", "line\nbreak", "'; drop table contract_rows; --", None):
            for number in (0, -1, 2**63 - 1, -(2**63)):
                assert await database.write(echo(text, number, 0.5)) == (text, number, 0.5)

    async def test_what_does_not_fit_is_refused(self, database: Database) -> None:
        """A number beyond 64 bits, a text that is none; nothing is changed."""
        for text, number in (("a", 2**63), ("\ud800", 1)):
            with pytest.raises(errors.FieldInvalid):
                await database.write(echo(text, number, 0.5))
        assert await database.read(count()) == 0

    async def test_an_error_of_the_transaction_takes_it_back(self, database: Database) -> None:
        """The caller gets the very error."""
        error = errors.Forbidden()
        with pytest.raises(errors.Forbidden) as caught:
            await database.write(put_and_raise("a", error))
        assert caught.value is error
        assert await database.read(count()) == 0

    async def test_a_key_that_is_taken_is_a_conflict(self, database: Database) -> None:
        """A unique key, and a foreign key that points nowhere."""
        await database.write(put("a", 1))
        with pytest.raises(errors.Conflict):
            await database.write(put("a", 2))
        with pytest.raises(errors.Conflict):
            await database.write(put_part("b"))
        assert await database.read(get("a")) == 1

    async def test_a_transaction_may_name_its_failure_and_not_survive_it(self, database: Database) -> None:
        """It may raise an error of its own; swallowed, the failure is raised all the same."""
        await database.write(put("a", 1))
        with pytest.raises(errors.NameReserved):
            await database.write(put_or_say("a"))
        for going_on in (swallow_and_return, swallow_and_go_on):
            with pytest.raises(errors.Conflict):
                await database.write(going_on("a"))
        assert await database.read(count()) == 1

    async def test_two_hundred_that_add_one_add_two_hundred(self, database: Database) -> None:
        """No update is lost."""
        await database.write(put("a", 0))
        await asyncio.gather(*(database.write(add_one("a")) for _ in range(200)))
        assert await database.read(get("a")) == 200

    async def test_of_two_hundred_with_one_key_one_succeeds(self, database: Database) -> None:
        """All others are told so."""
        results = await asyncio.gather(
            *(database.write(put("a", number)) for number in range(200)), return_exceptions=True
        )
        assert sum(isinstance(result, errors.Conflict) for result in results) == 199
        assert await database.read(count()) == 1

    async def test_one_that_fails_leaves_its_neighbours_alone(self, database: Database) -> None:
        """Whether it fails in the database or by itself."""
        await database.write(put("0", 0))
        results = await asyncio.gather(
            *(database.write(put(str(number), number)) for number in range(50)),
            database.write(put_and_raise("mine", errors.Forbidden())),
            database.write(put("last", 1)),
            return_exceptions=True,
        )
        assert [type(result).__name__ for result in results if isinstance(result, Exception)] == [
            "Conflict",
            "Forbidden",
        ]
        assert await database.read(count()) == 51

    async def test_a_read_sees_one_snapshot(self, database: Database) -> None:
        """However much is written while it runs; the next one sees all of it."""
        await database.write(put("a", 1))
        begun, go_on = threading.Event(), threading.Event()
        reading = asyncio.create_task(database.read(get_twice("a", begun, go_on), patience=PATIENCE))
        await asyncio.to_thread(begun.wait, PATIENCE)
        await database.write(add_one("a"))
        go_on.set()
        assert await reading == (1, 1)
        assert await database.read(get("a")) == 2

    async def test_a_read_cannot_write(self, database: Database) -> None:
        """Nothing is changed, and the next reads go on."""
        for attempt in (put("a", 1), empty()):
            with pytest.raises(errors.StorageFailed):
                await database.read(attempt)
        assert await database.read(count()) == 0

    async def test_what_was_acknowledged_is_read(self, database: Database, neighbour: Database) -> None:
        """By this process and by the others."""
        for number in range(20):
            await database.write(put(str(number), number))
            assert await database.read(count()) == number + 1
            assert await neighbour.read(count()) == number + 1

    @pytest.mark.parametrize(
        "text", ["commit", "rollback", "BEGIN", "pragma foreign_keys = off", "vacuum", ""]
    )
    async def test_a_transaction_does_not_end_itself(self, database: Database, text: str) -> None:
        """It selects, inserts, updates and deletes; all else is refused, and it is rolled back."""
        with pytest.raises(errors.StorageFailed):
            await database.write(put_and_say("a", text))
        assert await database.read(count()) == 0

    async def test_one_statement_is_one_statement(self, database: Database) -> None:
        """A second one behind a semicolon is refused."""
        with pytest.raises(errors.StorageFailed):
            await database.write(put_and_say("a", "select 1; commit"))
        assert await database.read(count()) == 0

    async def test_one_who_goes_away_does_not_take_the_others_along(self, database: Database) -> None:
        """Those who were cancelled were done whole or not at all."""
        await database.write(put("a", 0))
        tasks = [asyncio.create_task(database.write(add_one("a"))) for _ in range(100)]
        for step, task in enumerate(tasks):
            if step % 3 == 0:
                task.cancel()
            if step % 10 == 0:
                await asyncio.sleep(0)
        results = await asyncio.gather(*tasks, return_exceptions=True)
        done = sum(isinstance(result, int) for result in results)
        assert done >= 66
        assert done <= await database.read(get("a")) <= 100

    async def test_one_that_never_ends_is_ended(self, database: Database) -> None:
        """And the next goes on."""
        with pytest.raises(errors.StorageFailed):
            await database.write(for_ever())
        with pytest.raises(errors.StorageFailed):
            await database.read(for_ever())
        assert await database.write(put("a", 1)) == 1

    async def test_a_change_is_heard_by_the_others_only(
        self, database: Database, neighbour: Database
    ) -> None:
        """Exactly what changed, each once however often it changed; one's own only behind theirs."""
        heard = neighbour.listen()
        await neighbour.write(touched(SITE, "mine"))
        for subject in ("a", "b", "b"):
            await database.write(touched(SITE, subject))
        await neighbour.write(touched(SITE, "mine too"))
        changes: set[Change] = set()
        async with asyncio.timeout(PATIENCE):
            while len(changes) < 2:
                changes.update(set(await anext(heard)) - {Change(SITE, "mine too")})
        assert changes == {Change(SITE, "a"), Change(SITE, "b")}

    async def test_a_change_of_others_is_heard_though_one_s_own_follows(
        self, database: Database, neighbour: Database
    ) -> None:
        """However soon: of each subject only the last change is kept, and that is one's own then."""
        heard = neighbour.listen()
        await database.write(touched(SITE, "both"))
        await neighbour.write(touched(SITE, "both"))
        async with asyncio.timeout(PATIENCE):
            assert await anext(heard) == (Change(SITE, "both"),)

    async def test_a_change_that_was_rolled_back_is_not_heard(
        self, database: Database, neighbour: Database
    ) -> None:
        """Only what is kept is told."""
        heard = neighbour.listen()
        with pytest.raises(errors.Forbidden):
            await database.write(touch_and_raise("lost"))
        await database.write(touched(SITE, "kept"))
        async with asyncio.timeout(PATIENCE):
            assert await anext(heard) == (Change(SITE, "kept"),)

    async def test_listening_ends_with_the_database(self, database: Database) -> None:
        """A loop over the changes comes to its end."""
        heard = database.listen()
        waiting = asyncio.create_task(drain(heard))
        await asyncio.sleep(0)
        await database.close()
        async with asyncio.timeout(PATIENCE):
            assert await waiting == 0

    async def test_closing_finishes_what_waits_and_refuses_what_comes(
        self, database: Database, neighbour: Database
    ) -> None:
        """Closing twice is harmless."""
        writes = [asyncio.create_task(database.write(put(str(number), 1))) for number in range(20)]
        await asyncio.sleep(0)
        await database.close()
        assert await asyncio.gather(*writes) == [1] * 20
        await database.close()
        for attempt in (database.write(put("late", 1)), database.read(count())):
            with pytest.raises(errors.StorageFailed, match="closed"):
                await attempt
        assert await neighbour.read(count()) == 20
