"""What ratings come to, against values that were worked out by hand."""

from __future__ import annotations

from math import sqrt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from widget_server.widgets.rating.score import STARS, distribution, lower, mean

NUMBERS = some.lists(some.integers(0, 10_000), min_size=5, max_size=5)


def stars(*numbers: int) -> dict[int, int]:
    """So many ones, twos, threes, fours and fives."""
    return dict(zip(STARS, numbers, strict=True))


@pytest.mark.parametrize(
    ("numbers", "expected", "variance"),
    [
        ((0, 0, 0, 0, 0), 3, 2 / 6),  # 1 to 5 once each: (1+4+9+16+25)/5 - 9 = 2, over 6
        ((0, 0, 0, 0, 1), 20 / 6, 20 / 63),  # (1+4+9+16+2*25)/6 - (20/6)² = 80/6 - 100/9 = 20/9, over 7
        ((1, 0, 0, 0, 0), 16 / 6, 20 / 63),  # the mirror image
        ((0, 0, 0, 0, 10), 65 / 15, 7 / 72),  # (30+11*25)/15 - (13/3)² = 61/3 - 169/9 = 14/9, over 16
        ((25, 20, 75, 80, 60), 925 / 265, (3615 / 265 - (925 / 265) ** 2) / 266),
    ],
)
def test_the_bound_is_the_mean_of_the_posterior_less_its_spread(
    numbers: tuple[int, ...], expected: float, variance: float
) -> None:
    assert lower(stars(*numbers)) == round(expected - 1.65 * sqrt(variance), 4)


def test_the_bound_in_figures() -> None:
    assert [lower(stars(*numbers)) for numbers in ((0, 0, 0, 0, 0), (0, 0, 0, 0, 1), (0, 0, 0, 0, 10))] == [
        2.0474,
        2.4037,
        3.8189,
    ]


@given(NUMBERS)
def test_more_of_the_same_makes_it_surer_and_it_never_passes_the_stars_there_are(numbers: list[int]) -> None:
    few, many = stars(*numbers), stars(*(10 * number for number in numbers))

    assert 1 <= lower(few) <= 5
    assume((mean(few) or 0) >= 3)
    assert lower(few) <= lower(many)


@given(NUMBERS.filter(any))
def test_the_mean_is_that_of_all_ratings_within_half_a_tenth(numbers: list[int]) -> None:
    exact = sum(each * number for each, number in zip(STARS, numbers, strict=True)) / sum(numbers)

    rounded = mean(stars(*numbers))

    assert rounded is not None
    assert abs(rounded - exact) <= 0.05 + 1e-9


def test_half_a_tenth_goes_up() -> None:
    assert mean(stars(0, 0, 0, 3, 1)) == 4.3  # 4.25
    assert mean(stars(0, 0, 0, 19, 1)) == 4.1  # 4.05
    assert mean(stars(0, 0, 0, 0, 0)) is None


def test_what_else_is_counted_with_the_widget_is_no_rating() -> None:
    assert distribution({"5": 2, "published": 7, "1": -1}) == stars(0, 0, 0, 0, 2)
