"""What ratings come to: how many, their mean, and the bound by which lists are sorted."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

STARS = (1, 2, 3, 4, 5)

SURE = 1.65
"""The normal distribution's quantile: the bound is passed with a probability of 95 %."""


def distribution(counts: Mapping[str, int]) -> dict[int, int]:
    """How many gave each number of stars, out of a tally."""
    return {stars: max(0, counts.get(str(stars), 0)) for stars in STARS}


def mean(given: Mapping[int, int]) -> float | None:
    """The mean, rounded to one decimal, half of one upwards; None where nobody has rated."""
    count = sum(given.values())
    if not count:
        return None
    total = sum(stars * number for stars, number in given.items())
    return (20 * total + count) // (2 * count) / 10


def lower(given: Mapping[int, int]) -> float:
    """The number of stars that the true mean exceeds with a probability of 95 %, rounded to four decimals.

    Evan Miller, "Ranking Items With Star Ratings" (2014): with n_k ratings of k stars, N of them and K = 5,
    E = sum k (n_k + 1) / (N + K) is the mean of the posterior, a Dirichlet distribution with a prior of one rating of
    each kind, and V = (sum k² (n_k + 1) / (N + K) - E²) / (N + K + 1) its variance; the bound is E - 1.65 sqrt(V).
    """
    weights = {stars: given.get(stars, 0) + 1 for stars in STARS}
    count = sum(weights.values())
    expected = sum(stars * weight for stars, weight in weights.items()) / count
    squares = sum(stars * stars * weight for stars, weight in weights.items()) / count
    return round(expected - SURE * sqrt((squares - expected * expected) / (count + 1)), 4)
