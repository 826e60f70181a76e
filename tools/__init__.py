"""What `make` runs; set-up uses the standard library alone, since nothing else is there yet."""

from __future__ import annotations
