"""What every test may ask for: `widget`, and the server's own fixtures `running`, `visitor` and `page`."""

from __future__ import annotations

import pytest
from widget_server.widgets.base import Widget

from transom_atlas import Atlas

pytest_plugins = ["widget_server.testing.fixtures"]


@pytest.fixture
def widget() -> Widget:
    """The widget under test."""
    return Atlas()
