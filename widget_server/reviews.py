"""Reviews by plug-ins: every check that a site has switched on is asked about a text, before anything is written."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

from widget_server.errors import TransomError
from widget_server.house import House, switched_on
from widget_server.moderation.pipeline import Check, Opinion, Submission, failed, named, sound_opinion
from widget_server.plugins import Plugin
from widget_server.vocabulary import Site
from widget_server.widgets.base import settings_of

logger = logging.getLogger(__name__)


def checks_of(house: House, site: Site) -> Sequence[Plugin[Check]]:
    """The plug-ins' checks that a site has switched on."""
    return [house.plugin_checks[name] for name in switched_on(house.plugin_checks, site.settings.checks)]


async def opinions(house: House, submission: Submission) -> Sequence[Opinion]:
    """What all of them think, asked at once; one that fails has an opinion that says so."""
    asked = checks_of(house, submission.site)
    return await asyncio.gather(*(_opinion(house, plugin, submission) for plugin in asked))


async def _opinion(house: House, plugin: Plugin[Check], submission: Submission) -> Opinion:
    check = plugin.thing
    about = replace(submission, settings=settings_of(check, submission.site))
    try:
        given = await house.guard.call(plugin.name, lambda: sound_opinion(check.opinion(about)))
    except TransomError as error:  # the guard's, or one of ours that the check raised
        logger.warning("the check %r gave no opinion: %s", plugin.name, error.detail)
        return failed(plugin.name, submission.site.settings.on_check_failure)
    return named(plugin.name, given)
