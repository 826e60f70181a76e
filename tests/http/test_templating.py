"""Templates in one language: what is put in place beforehand reads as if it were asked for each time."""

from __future__ import annotations

from functools import partial

import pytest

from widget_server.web.templating import environment_of, spoken

PHRASES = {"send": "Send & go", "many": "{n} times"}
MACROS = """
{# A file of macros. #}
{% macro row(thing) %}<li title="{{ t('send') }}">{{ thing.name }}{{ more }}</li>{% endmacro %}
"""


def speak(key: str, **values: object) -> str:
    return PHRASES.get(key, key).format(**values)


def both(source: str, **values: object) -> tuple[str, str]:
    """The template as it is put in place, and as Jinja alone reads it."""
    sources = {"w/main.html": source, "w/_rows.html": MACROS}
    given = {"t": speak, "more": "<", **values}
    plain = environment_of(sources).get_template("w/main.html")
    return spoken(sources, "w/main.html", speak).render(given), plain.render(given)


@pytest.mark.parametrize(
    "source",
    [
        "<p>{{ t('send') }}</p>",
        "<p title=\"{{ t('send') if more else t('none') }}\">{{ t('many', n=3) }}{{ t('se' ~ 'nd') }}</p>",
        "{% set key = 'send' %}{{ t(key) }}{{ t('send') | upper }}",
        "{% from 'w/_rows.html' import row with context %}{% for thing in things %}{{ row(thing) }}{% endfor %}",
        "{% from 'w/_rows.html' import row as line with context %}{{ line(things[0]) }}",
        "{% macro loud(t) %}{{ t('send') }}{% endmacro %}{{ loud(shout) }}{{ t('send') }}",
        "{% set things = [{'items': 1, 'name': '<'}] %}{{ things[0].items }}{{ things[0].get('name') }}",
    ],
)
def test_what_is_put_in_place_reads_the_same(source: str) -> None:
    things = [{"name": "<b>"}, {"name": "Zoë"}]
    ours, jinjas = both(source, things=things, shout=lambda key: f"{key}!")

    assert ours == jinjas


def test_a_phrase_is_asked_for_once_and_escaped() -> None:
    asked: list[str] = []

    def listening(key: str) -> str:
        asked.append(key)
        return PHRASES[key]

    template = spoken({"w/main.html": "{{ t('send') }}"}, "w/main.html", listening)
    shown = [template.render(t=partial(pytest.fail, "it was asked again")) for _ in range(2)]

    assert (shown, asked) == (["Send &amp; go"] * 2, ["send"])
