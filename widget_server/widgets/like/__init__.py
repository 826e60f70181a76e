"""Like: one per person and subject, taken back as easily as given."""

from __future__ import annotations

from widget_server.widgets.like.widget import Like

__all__ = ["Like"]
