"""Transom's Python side: the snippet for your pages, and a client for your server."""

from __future__ import annotations

from transom.client import Interaction, Transom
from transom.embed import snippet
from transom.problems import Problem

__all__ = ["Interaction", "Problem", "Transom", "snippet"]
