"""Atlas: where a page is read, said by its readers on a map."""

from __future__ import annotations

from transom_atlas.widget import Atlas

__all__ = ["Atlas"]
