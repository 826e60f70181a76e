"""The site's mode: everyone publishes, the first comment is held, or all are."""

from __future__ import annotations

from widget_server.moderation.pipeline import Opinion, Submission
from widget_server.vocabulary import Mode, Verdict

NONE = Opinion()


class ModeCheck:
    """Holds what the owner of the site wants to see first."""

    name = "mode"

    def opinion(self, submission: Submission) -> Opinion:
        """Hold everything, or what comes from somebody of whom nothing stands yet."""
        match submission.site.settings.mode:
            case Mode.ALL_HELD:
                return Opinion(Verdict.HOLD, ("all_held",))
            case Mode.FIRST_HELD if not submission.has_published:
                return Opinion(Verdict.HOLD, ("first_comment",))
            case _:
                return NONE
