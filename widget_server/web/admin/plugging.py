"""The plug-ins of a site: which are switched on, and what each of them may be told; a form made from its schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from starlette.responses import Response

from widget_server.errors import FieldInvalid, NotFound, Overloaded, PluginFailed
from widget_server.fields import checked_settings, chosen_of, fitting
from widget_server.plugins import Plugin
from widget_server.store.sites import settings_from
from widget_server.vocabulary import Flag, Lines, OneOf, Setting, Site, Text, Whole
from widget_server.web.admin.desk import Form, Visit, only_owners
from widget_server.web.admin.lists import one_each
from widget_server.web.admin.settling import MEANWHILE, fingerprint, save
from widget_server.web.forms import refuse_others, text_of
from widget_server.widgets.base import schema_of

KINDS = ("widgets", "checks", "notifiers")
"""What a site switches on and off, as its settings name it."""

FAILURE = "on_check_failure"
SET = "set."

FEW = 5
"""Words from which one chooses at a glance; of more one is picked from a list."""

SHORT = 120
"""Characters that are typed on one line."""

FAILED = "The plug-in could not look at this, so nothing was saved; the server's log says why."

Typed = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """A plug-in in the list."""

    name: str
    title: str
    whence: str
    settable: bool


@dataclass(frozen=True, slots=True)
class Control:
    """A setting as a form shows it."""

    name: str
    title: str
    hint: str
    kind: str
    """`line`, `area`, `number`, `radios`, `select`, `lines` or `check`."""
    typed: Any
    words: Sequence[str] = ()
    bounds: str = ""


async def look(visit: Visit) -> Response:
    """What there is, and what is switched on."""
    query = one_each(visit, {"saved"})
    return _page(visit, _switched(visit.site), {}, saved="saved" in query)


async def switch(visit: Visit, form: Form) -> Response:
    """Switch plug-ins on and off."""
    only_owners(visit)
    seen = text_of(form, "seen") or ""
    typed: dict[str, Any] = {FAILURE: text_of(form, FAILURE) or ""}
    for kind in KINDS:
        names = _names(visit, kind)
        typed[f"{kind}.offer"] = text_of(form, f"{kind}.offer") or ""
        typed[kind] = [name for name in names if text_of(form, f"{kind}.{name}") is not None]
    refuse_others(form)
    if seen != fingerprint(visit.site):
        return _page(visit, typed, {"": MEANWHILE}, status=409)
    settings, errors = visit.site.settings, {}
    for field in (*(kind for kind in KINDS if _names(visit, kind)), FAILURE):
        try:
            settings = settings_from({field: _wish(field, typed)}, settings)
        except FieldInvalid as error:
            errors[field] = error.detail
    if errors:
        return _page(visit, typed, errors, status=422)
    await save(visit, replace(visit.site, settings=settings))
    return visit.redirect("plug-ins", saved="1")


async def look_at_one(visit: Visit) -> Response:
    """The settings of one plug-in as they stand."""
    query = one_each(visit, {"saved"})
    plugin = _settable(visit)
    return _form(visit, plugin, _standing(visit.site, plugin), {}, saved="saved" in query)


async def change(visit: Visit, form: Form) -> Response:
    """Store what was typed if all of it fits; else show it again with what is wrong beside each field."""
    only_owners(visit)
    plugin = _settable(visit)
    seen = text_of(form, "seen") or ""
    typed = {
        name: text_of(form, SET + name) is not None
        if isinstance(setting.field, Flag)
        else (text_of(form, SET + name) or "").replace("\r\n", "\n")
        for name, setting in schema_of(plugin.thing).items()
    }
    refuse_others(form)
    if seen != fingerprint(visit.site):
        return _form(visit, plugin, typed, {"": MEANWHILE}, status=409)
    before = visit.site.settings.plugins
    work = partial(_read, plugin, before.get(plugin.name, {}), typed)
    try:
        chosen, errors = await visit.desk.house.guard.call(plugin.name, work)
    except (PluginFailed, Overloaded) as error:
        return _form(visit, plugin, typed, {"": FAILED}, status=error.status)
    if errors:
        return _form(visit, plugin, typed, errors, status=422)
    plugins = {name: values for name, values in {**before, plugin.name: chosen}.items() if values}
    await save(visit, replace(visit.site, settings=replace(visit.site.settings, plugins=plugins)))
    return visit.redirect("plug-ins", plugin.name, saved="1")


def _read(
    plugin: Plugin[Any], before: Mapping[str, Any], typed: Typed
) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    """What is kept of what was typed, and for each field that does not fit what is wrong."""
    schema = schema_of(plugin.thing)
    given: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, setting in schema.items():
        if typed[name] == "" and not setting.field.required:
            continue  # as the plug-in has it
        try:
            given |= checked_settings({name: typed[name]}, schema)
        except FieldInvalid as error:
            errors[name] = _sentence(setting, name, error)
    if errors:
        return {}, errors
    others = {name: value for name, value in before.items() if name not in schema}
    try:
        return chosen_of(plugin.thing, others, given), {}
    except FieldInvalid as error:
        field = error.field if error.field in schema else ""
        return {}, {field or "": _sentence(schema[field], field, error) if field else error.detail}


def _sentence(setting: Setting, name: str, error: FieldInvalid) -> str:
    """What is wrong, with the words of the form."""
    return error.detail.replace(repr(name), f"“{setting.title}”")


def _wish(field: str, typed: Typed) -> object:
    if field == FAILURE:
        return typed[FAILURE]
    match typed[f"{field}.offer"]:
        case "all":
            return None
        case "chosen":
            return typed[field]
        case _:
            message = "Choose one of the two."
            raise FieldInvalid(message, field=field)


def _switched(site: Site) -> Typed:
    typed: dict[str, Any] = {FAILURE: str(site.settings.on_check_failure)}
    for kind in KINDS:
        chosen = getattr(site.settings, kind)
        typed[f"{kind}.offer"] = "all" if chosen is None else "chosen"
        typed[kind] = list(chosen or ())
    return typed


def _plugins(visit: Visit, kind: str) -> Mapping[str, Plugin[Any]]:
    house = visit.desk.house
    match kind:
        case "widgets":
            return house.widgets
        case "checks":
            return house.plugin_checks
        case _:
            return house.notifiers


def _names(visit: Visit, kind: str) -> Sequence[str]:
    """What one can choose from: what is installed, and what was chosen and is no more."""
    return sorted({*_plugins(visit, kind), *(getattr(visit.site.settings, kind) or ())})


def _entry(visit: Visit, kind: str, name: str) -> Entry:
    plugin = _plugins(visit, kind).get(name)
    if plugin is None:
        return Entry(name, f"{name} (not installed)", "", settable=False)
    whence = f"{plugin.name} · {plugin.distribution or plugin.origin} {plugin.version}"
    return Entry(name, str(plugin.thing.title), whence, settable=bool(schema_of(plugin.thing)))


def _settable(visit: Visit) -> Plugin[Any]:
    name = visit.request.path_params["plugin"]
    kind = _kind(visit, name)
    if kind is None or not schema_of(_plugins(visit, kind)[name].thing):
        message = f"There is no plug-in {name[:60]!r} that can be set."
        raise NotFound(message)
    return _plugins(visit, kind)[name]


def _kind(visit: Visit, name: str) -> str | None:
    """Of which kind a plug-in is; no two share a name."""
    return next((kind for kind in KINDS if name in _plugins(visit, kind)), None)


def _standing(site: Site, plugin: Plugin[Any]) -> Typed:
    schema = schema_of(plugin.thing)
    chosen = fitting(site.settings.plugins.get(plugin.name, {}), schema)
    return {name: _as_typed(chosen.get(name, setting.default)) for name, setting in schema.items()}


def _as_typed(value: object) -> object:
    match value:
        case bool():
            return value
        case list() | tuple():
            return "\n".join(map(str, value))
        case None:
            return ""
        case _:
            return str(value)


def _control(
    name: str,
    setting: Setting,
    typed: Any,  # noqa: ANN401 - a text, or whether it is marked
) -> Control:
    about = partial(Control, name, setting.title, setting.hint, typed=typed)
    match setting.field:
        case Text(most=most) if most > SHORT:
            return about(kind="area", bounds=f"Up to {most:,} characters.")
        case Whole(least=least, most=most):
            return about(kind="number", bounds=f"From {least:,} to {most:,}.")
        case OneOf(words=words, required=required):
            return about(kind="radios" if len(words) <= FEW and required else "select", words=words)
        case Lines(least=least, most=most):
            return about(kind="lines", bounds=f"One on a line, {least:,} to {most:,} of them.")
        case Flag():
            return about(kind="check")
        case _:
            return about(kind="line")


def _page(
    visit: Visit, typed: Typed, errors: Mapping[str, str], *, saved: bool = False, status: int = 200
) -> Response:
    return visit.page(
        "plug-ins.html",
        status,
        typed=typed,
        errors=errors,
        saved=saved,
        seen=fingerprint(visit.site),
        entries={kind: [_entry(visit, kind, name) for name in _names(visit, kind)] for kind in KINDS},
        broken=sorted({each.name for each in visit.desk.house.broken}),
    )


def _form(
    visit: Visit,
    plugin: Plugin[Any],
    typed: Typed,
    errors: Mapping[str, str],
    *,
    saved: bool = False,
    status: int = 200,
) -> Response:
    kind = _kind(visit, plugin.name) or KINDS[0]
    wanted = getattr(visit.site.settings, kind)
    schema = schema_of(plugin.thing)
    return visit.page(
        "plug-in.html",
        status,
        entry=_entry(visit, kind, plugin.name),
        is_on=wanted is None or plugin.name in wanted,
        controls=[_control(name, setting, typed[name]) for name, setting in schema.items()],
        errors=errors,
        saved=saved,
        prefix=SET,
        seen=fingerprint(visit.site),
    )
