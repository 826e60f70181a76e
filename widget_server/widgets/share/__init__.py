"""Share: pass a page on, and learn whether anybody came by it."""

from __future__ import annotations

from widget_server.widgets.share.widget import Share

__all__ = ["Share"]
