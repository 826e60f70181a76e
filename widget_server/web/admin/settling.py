"""The settings of a site: bounded, each error beside its field, and what was typed is kept."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from widget_server.errors import FieldInvalid
from widget_server.identity import site_origin
from widget_server.ids import uuid7
from widget_server.markup import clean_line
from widget_server.store import moderation
from widget_server.store.moderation import Act
from widget_server.store.sites import BOUNDS, settings_from
from widget_server.vocabulary import Site, SiteSettings
from widget_server.web.admin.desk import Form, Visit, only_owners
from widget_server.web.admin.lists import one_each
from widget_server.web.forms import refuse_others, text_of

NUMBERS = ("edit_window", "max_length", "page_size")
SWITCHES = ("name_required", "live", "drop_index", "drop_slash")
TEXTS = ("name", "origins", "mode", "keys", "keep_query", *NUMBERS)

MOST_ORIGINS = 50
MOST_KEYS = 50
LONGEST_KEY = 100
LONGEST_NAME = 60
LONGEST_NUMBER = 12

MEANWHILE = (
    "The settings were changed meanwhile, by somebody else or in another window. Look again, then save."
)

Typed = Mapping[str, Any]


async def look(visit: Visit) -> Response:
    """The settings as they stand."""
    query = one_each(visit, {"saved"})
    return _page(visit, _typed(visit.site), {}, saved="saved" in query)


async def change(visit: Visit, form: Form) -> Response:
    """Store what was typed if all of it fits; else show it again with what is wrong beside each field."""
    only_owners(visit)
    seen = text_of(form, "seen") or ""
    typed: dict[str, Any] = {name: text_of(form, name) or "" for name in TEXTS}
    typed |= {name: text_of(form, name) is not None for name in SWITCHES}
    refuse_others(form)
    if seen != fingerprint(visit.site):
        return _page(visit, typed, {"": MEANWHILE}, status=409)
    site, errors = _read(visit.site, typed)
    if errors:
        return _page(visit, typed, errors, status=422)
    await save(visit, site)
    return visit.redirect("settings", saved="1")


async def save(visit: Visit, site: Site) -> None:
    """Store the visit's site as it is now to be, and write down what changes; `Conflict` where it was not as seen."""
    changes = differences(visit.site, site)
    if changes:
        act = Act(uuid7(visit.now), visit.moderator.id, visit.now)
        await visit.desk.house.commit(
            moderation.settle(visit.site, site, {"changes": changes}, act), lambda _: [(site.id, "")]
        )


def differences(before: Site, after: Site) -> dict[str, list[Any]]:
    """What a change changes: name → before and after; a plug-in's setting is named `plug-in.setting`."""
    old, new = _plain(before), _plain(after)
    return {name: [old.get(name), new.get(name)] for name in {**new, **old} if old.get(name) != new.get(name)}


def fingerprint(site: Site) -> str:
    """Tells whether the settings are still those that were seen."""
    return hashlib.sha256(repr(_plain(site)).encode()).hexdigest()[:16]


def _plain(site: Site) -> dict[str, Any]:
    chosen = dataclasses.asdict(site.settings)
    plugins: Mapping[str, Mapping[str, Any]] = chosen.pop("plugins")
    theirs = {
        f"{plugin}.{name}": list(value) if isinstance(value, tuple) else value
        for plugin, values in plugins.items()
        for name, value in values.items()
    }
    return {"name": site.name, "origins": list(site.origins), **chosen, **theirs}


def _typed(site: Site) -> Typed:
    chosen = site.settings
    return {
        "name": site.name,
        "origins": "\n".join(site.origins),
        "mode": str(chosen.mode),
        "keys": "all" if chosen.keep_query is None else "listed",
        "keep_query": "\n".join(chosen.keep_query or ()),
        **{name: str(getattr(chosen, name)) for name in NUMBERS},
        **{name: getattr(chosen, name) for name in SWITCHES},
    }


def _read(site: Site, typed: Typed) -> tuple[Site, Mapping[str, str]]:
    """The site as it was typed, and for each field that does not fit what is wrong."""
    errors: dict[str, str] = {}
    name, origins, settings = site.name, site.origins, site.settings
    try:
        name = clean_line(typed["name"], field="name", most=LONGEST_NAME)
    except FieldInvalid as error:
        errors["name"] = error.detail
    try:
        origins = _origins(typed["origins"])
    except FieldInvalid as error:
        errors["origins"] = error.detail
    for field in ("mode", "keep_query", *NUMBERS, *SWITCHES):
        try:
            settings = settings_from({field: _value(field, typed)}, settings)
        except FieldInvalid as error:
            errors[field] = error.detail
    return dataclasses.replace(site, name=name, origins=origins, settings=settings), errors


def _value(field: str, typed: Typed) -> Any:  # noqa: ANN401 - of the setting's own type
    match field:
        case "mode":
            return typed["mode"]
        case "keep_query":
            return _keys(typed)
        case "edit_window" | "max_length" | "page_size":
            return _number(field, typed[field])
        case _:
            return typed[field]


def _number(field: str, text: str) -> int:
    digits = text.strip()
    least, most = BOUNDS[field]
    if not (digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_NUMBER) or not (
        least <= int(digits) <= most
    ):
        message = f"A whole number from {least} to {most}, please."
        raise FieldInvalid(message, field=field)
    return int(digits)


def _keys(typed: Typed) -> Sequence[str] | None:
    match typed["keys"]:
        case "all":
            return None
        case "listed":
            keys = tuple(dict.fromkeys(typed["keep_query"].replace(",", " ").split()))
        case _:
            message = "Choose one of the two."
            raise FieldInvalid(message, field="keep_query")
    if len(keys) > MOST_KEYS or any(len(key) > LONGEST_KEY or not key.isprintable() for key in keys):
        message = f"At most {MOST_KEYS} keys, each of at most {LONGEST_KEY} characters."
        raise FieldInvalid(message, field="keep_query")
    return keys


def _origins(text: str) -> tuple[str, ...]:
    given = text.split()
    if not 0 < len(given) <= MOST_ORIGINS:
        message = f"Name 1 to {MOST_ORIGINS} origins, each on a line of its own."
        raise FieldInvalid(message, field="origins")
    found = {each: site_origin(each) for each in given}
    for each, origin in found.items():
        if origin is None:
            message = f"{each[:100]} is not an origin; one looks like https://blog.example.com."
            raise FieldInvalid(message, field="origins")
    return tuple(dict.fromkeys(origin for origin in found.values() if origin is not None))


def _page(
    visit: Visit, typed: Typed, errors: Mapping[str, str], *, saved: bool = False, status: int = 200
) -> Response:
    return visit.page(
        "settings.html",
        status,
        typed=typed,
        errors=errors,
        saved=saved,
        bounds=BOUNDS,
        seen=fingerprint(visit.site),
        defaults=SiteSettings(),
    )
