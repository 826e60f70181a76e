"""Sites: who embeds, with the settings that the owner chose."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from widget_server.errors import Conflict, FieldInvalid
from widget_server.vocabulary import Mode, OnCheckFailure, Row, Site, SiteSettings, Transaction, sql

SITE_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")

BOUNDS: Mapping[str, tuple[int, int]] = {
    "edit_window": (0, 10 * 365 * 86_400),
    "max_length": (1, 20_000),
    "page_size": (1, 200),
}


def add(site: Site) -> Transaction[None]:
    """Store a new site; a second one of the same id is a `Conflict`."""
    taken = yield from _exists(site.id)
    if taken:
        message = f"There is a site {site.id!r} already."
        raise Conflict(message)
    yield sql(
        "insert into sites (site, name, origins, settings, created)"
        " values (:site, :name, :origins, :settings, :created)",
        site=site.id,
        name=site.name,
        origins=json.dumps(list(site.origins)),
        settings=json.dumps(_as_json(site.settings)),
        created=site.created,
    )


def change(site: Site) -> Transaction[None]:
    """Store a site's name, origins and settings anew."""
    yield sql(
        "update sites set name = :name, origins = :origins, settings = :settings where site = :site",
        site=site.id,
        name=site.name,
        origins=json.dumps(list(site.origins)),
        settings=json.dumps(_as_json(site.settings)),
    )


def get(site: str) -> Transaction[Site | None]:
    """The site of that id."""
    rows = yield sql("select site, name, origins, settings, created from sites where site = :site", site=site)
    return _site(rows[0]) if rows else None


def every() -> Transaction[Sequence[Site]]:
    """All sites, by id."""
    rows = yield sql("select site, name, origins, settings, created from sites order by site")
    return [_site(row) for row in rows]


def settings_from(values: Mapping[str, Any], base: SiteSettings | None = None) -> SiteSettings:
    """Settings from plain values (JSON's types); an unknown name or a value out of bounds is refused."""
    known = {each.name for each in dataclasses.fields(SiteSettings)}
    chosen: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            message = f"There is no site setting {name!r}; there are {', '.join(sorted(known))}."
            raise FieldInvalid(message, field=name)
        chosen[name] = _checked(name, value)
    return dataclasses.replace(base or SiteSettings(), **chosen)


def _checked(name: str, value: Any) -> Any:  # noqa: ANN401 - JSON values in, settings' values out
    match name:
        case "mode" if value in set(Mode):
            return Mode(value)
        case "on_check_failure" if value in set(OnCheckFailure):
            return OnCheckFailure(value)
        case "edit_window" | "max_length" | "page_size" if type(value) is int:
            least, most = BOUNDS[name]
            if least <= value <= most:
                return value
            message = f"{name} is a whole number from {least} to {most}; {value} is not."
            raise FieldInvalid(message, field=name)
        case "name_required" | "drop_index" | "drop_slash" | "live" if type(value) is bool:
            return value
        case "plugins" if isinstance(value, Mapping) and all(
            isinstance(each, Mapping) for each in value.values()
        ):
            return {name: dict(chosen) for name, chosen in value.items()}
        case "keep_query" | "widgets" | "checks" | "notifiers" if value is None or _is_list_of_text(value):
            return None if value is None else tuple(value)
        case _:
            message = f"{value!r} is not a value for the site setting {name}."
            raise FieldInvalid(message, field=name)


def _is_list_of_text(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)


def _as_json(settings: SiteSettings) -> dict[str, Any]:
    return dataclasses.asdict(settings)


def _exists(site: str) -> Transaction[bool]:
    rows = yield sql("select 1 as found from sites where site = :site", site=site)
    return bool(rows)


def _site(row: Row) -> Site:
    return Site(
        id=row["site"],
        name=row["name"],
        origins=tuple(json.loads(row["origins"])),
        settings=settings_from(json.loads(row["settings"])),
        created=row["created"],
    )
