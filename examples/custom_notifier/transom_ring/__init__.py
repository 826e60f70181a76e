"""Ring: tell another program of each comment, by a signed call."""

from __future__ import annotations

from transom_ring.notifier import Ring

__all__ = ["Ring"]
