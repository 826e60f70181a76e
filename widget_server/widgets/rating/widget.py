"""The rating widget: one to five stars as a choice, and with it a text that is reviewed as any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from widget_server.errors import Forbidden
from widget_server.vocabulary import (
    Choose,
    Clear,
    Comment,
    Erase,
    Intent,
    Mine,
    Mode,
    Reading,
    ReadOwn,
    ReadTally,
    ReadThread,
    Rewrite,
    Site,
    Status,
    Tally,
    ThreadPage,
    Write,
)
from widget_server.widgets.base import (
    DECISIONS,
    LONGEST_NAME,
    LONGEST_TEXT,
    Action,
    Flag,
    Id,
    Look,
    OneOf,
    Setting,
    Summary,
    Text,
    Whole,
    decided,
    settings_of,
)
from widget_server.widgets.rating.score import STARS, distribution, lower, mean

KINDS = (
    "CreativeWork",
    "Article",
    "Book",
    "Course",
    "Event",
    "LocalBusiness",
    "Movie",
    "MusicRecording",
    "Organization",
    "PodcastSeries",
    "Product",
    "Recipe",
    "Service",
    "SoftwareApplication",
    "VideoGame",
)
"""What can be rated, as schema.org calls it."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was read: a page of reviews with the tally, and the person's own review."""

    page: ThreadPage
    own: Comment | None


class Rating:
    """One to five stars from each person, who may say why."""

    name = "rating"
    version = "1"
    title = "Rating"
    package = "widget_server.widgets.rating"
    actions: Mapping[str, Action] = {
        "rate": Action("Give 1 to 5 stars, in place of those given before", {"stars": Whole(1, 5)}),
        "unrate": Action("Take the stars back"),
        "review": Action(
            "Give stars and say why, in place of what one said before",
            {
                "stars": Whole(1, 5),
                "text": Text(most=LONGEST_TEXT),
                "name": Text(most=LONGEST_NAME, least=0, required=False),
            },
        ),
        "edit": Action(
            "Change one's own review, and perhaps the stars",
            {"id": Id(), "text": Text(most=LONGEST_TEXT), "stars": Whole(1, 5, required=False)},
        ),
        "delete": Action("Take one's own review back; the stars stay", {"id": Id()}),
        **DECISIONS,
    }
    settings: Mapping[str, Setting] = {
        "reviews": Setting(
            "Reviews",
            Flag(),
            default=True,
            hint="People may say why; off: stars alone, and no text is shown.",
        ),
        "kind": Setting(
            "What is rated",
            OneOf(KINDS),
            default="CreativeWork",
            hint="Search engines are told so, in the words of schema.org.",
        ),
    }

    def accept(self, action: str, fields: Mapping[str, Any], site: Site) -> Intent:
        """The intent of one action; `Forbidden` for a text where the site takes none."""
        if action in {"review", "edit"} and not settings_of(self, site)["reviews"]:
            message = "This site takes stars alone."
            raise Forbidden(message)
        values = (str(fields["stars"]),) if "stars" in fields else None
        match action:
            case "rate":
                return Choose(action, values or ())
            case "unrate":
                return Clear(action)
            case "review":
                return Write(action, fields["text"], None, fields.get("name"), values, single=True)
            case "edit":
                return Rewrite(action, fields["id"], fields["text"], values, late=True)
            case "delete":
                return Erase(action, fields["id"], late=True)
            case _:
                return decided(action, fields)

    def load(self, look: Look) -> Reading[Loaded]:
        """The tally, a page of reviews where they are shown, and one's own review."""
        if look.doing in {"page", "thread"} and settings_of(self, look.site)["reviews"]:
            page: ThreadPage = yield ReadThread(after=look.after, chosen=True)
        else:
            tally: Tally = yield ReadTally()
            page = ThreadPage((), tally.counts.get("published", 0), tally=tally)
        own: Comment | None = yield ReadOwn()
        return Loaded(page, own)

    def summary(self, loaded: Loaded, mine: Mine, look: Look) -> Summary:
        """What everybody gave, what one gave oneself, and a page of reviews, the newest first.

        `{"count", "mean", "distribution", "lower", "mine", "total", "reviews", "next", "own", "touched", "kind",
        "shows_reviews", "closed", "name_required", "max_length", "name"}`. `mean` is rounded to one decimal, half of
        one upwards, and None where nobody has rated; `distribution` has the numbers by `"1"` to `"5"`, which say it
        exactly; `lower` is for lists: the stars that the true mean exceeds with a probability of 95 % (see `score`).
        `mine` are one's own stars, or None. `total` counts the reviews, `next` is the cursor of those that follow.
        A review: `{"id", "status", "name", "stars", "html", "created", "edited", "mine", "source"}`; `stars` are what
        its writer gives now, None where they were taken back or out of the tally; `source` is there for the writer.
        """
        given = distribution(loaded.page.tally.counts)
        settings = settings_of(self, look.site)
        stars = _stars(tuple(mine.values))
        shown = [
            _shown(review, _stars(loaded.page.chosen.get(review.id, ())), is_mine=False)
            for review in loaded.page.comments
            if review.status is Status.PUBLISHED
        ]
        own = _shown(loaded.own, stars, is_mine=True) if loaded.own else None
        return {
            "count": sum(given.values()),
            "mean": mean(given),
            "distribution": {str(each): number for each, number in given.items()},
            "lower": lower(given),
            "mine": stars,
            "total": loaded.page.total,
            "reviews": [own if own and each["id"] == own["id"] else each for each in shown],
            "next": loaded.page.next,
            "own": own,
            "touched": look.touched,
            "kind": settings["kind"],
            "shows_reviews": settings["reviews"],
            "closed": look.site.settings.mode is Mode.CLOSED,
            "name_required": look.site.settings.name_required,
            "max_length": look.site.settings.max_length,
            "name": mine.person.name if mine.person else "",
        }

    def describe(self, summary: Summary, look: Look) -> Mapping[str, Any] | None:  # noqa: ARG002 - the contract's shape
        """An `AggregateRating` of the subject, from the first rating on."""
        if not summary["count"]:
            return None
        rating = {
            "@type": "AggregateRating",
            "ratingValue": summary["mean"],
            "bestRating": STARS[-1],
            "worstRating": STARS[0],
            "ratingCount": summary["count"],
        }
        if summary["shows_reviews"] and summary["total"]:
            rating["reviewCount"] = summary["total"]
        return {"@type": summary["kind"], "aggregateRating": rating}


def _stars(values: tuple[str, ...]) -> int | None:
    """The stars of a choice; a choice that is none of ours has none."""
    return next((stars for stars in STARS if str(stars) in values), None)


def _shown(review: Comment, stars: int | None, *, is_mine: bool) -> Summary:
    return {
        "id": review.id,
        "status": str(review.status),
        "name": review.name,
        "stars": stars,
        "html": review.html,
        "created": review.created,
        "edited": review.edited,
        "mine": is_mine,
        "source": review.source if is_mine else None,
    }
