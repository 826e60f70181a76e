"""The regions of the map."""

from __future__ import annotations

PLACES = (
    "northern-america",
    "central-america",
    "south-america",
    "northern-europe",
    "western-europe",
    "southern-europe",
    "eastern-europe",
    "northern-africa",
    "western-africa",
    "middle-africa",
    "eastern-africa",
    "southern-africa",
    "western-asia",
    "central-asia",
    "southern-asia",
    "eastern-asia",
    "south-eastern-asia",
    "oceania",
)
"""Large ones on purpose: who says so gives away little more than a language does."""
