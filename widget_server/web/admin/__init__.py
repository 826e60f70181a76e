"""The moderator's pages: rendered here, whole without JavaScript, pleasant with it."""

from __future__ import annotations

from widget_server.web.admin.routes import routes

__all__ = ["routes"]
