"""What the tests of plug-ins share with those of HTTP: writes that keep to one site."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.one_site import writes_kept_to_one_site


@pytest.fixture(autouse=True)
def _kept_to_one_site(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with writes_kept_to_one_site(monkeypatch):
        yield
