"""Transom's server: likes, comments and other interactions on pages that exist already."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
