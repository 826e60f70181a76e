"""Discovery: what is installed under an entry point group, and what the settings name besides.

One that cannot be loaded is told of and left out; two of one name are the operator's to sort out.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, TypeVar

P = TypeVar("P")

WIDGETS = "transom.widgets"
CHECKS = "transom.checks"
IMPORTERS = "transom.importers"
NOTIFIERS = "transom.notifiers"

GROUPS = (WIDGETS, CHECKS, NOTIFIERS, IMPORTERS, "transom.signins")
"""All entry point groups; nothing is done yet with what the last one holds."""

METHODS: Mapping[str, Sequence[str]] = {
    WIDGETS: ("accept", "load", "summary"),
    CHECKS: ("opinion",),
    NOTIFIERS: ("notify",),
}
"""By which a plug-in of a group is known."""

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")

LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Plugin(Generic[P]):
    """One thing that an entry point brought: its name, where it came from, and itself."""

    name: str
    distribution: str
    version: str
    thing: P
    origin: str = ""
    """The address or the file that it was installed from; empty: a package index, or not known."""


@dataclass(frozen=True, slots=True)
class Broken:
    """One that cannot be used, and why."""

    group: str
    name: str
    distribution: str
    version: str
    origin: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of a group, by name."""

    plugins: Sequence[Plugin[Any]]
    broken: Sequence[Broken]
    twice: Sequence[str] = ()
    """The names that more than one has; they stand among the broken, since nobody knows which is meant."""


def discover(group: str, beside: Iterable[Plugin[Any] | Broken] = ()) -> Found:
    """What is installed under an entry point group, and what stands `beside` it."""
    loaded = [*(_from_point(group, point) for point in entry_points(group=group)), *beside]
    counted = Counter(each.name for each in loaded)
    twice = sorted(name for name, count in counted.items() if count > 1)
    in_order = sorted(
        (_ambiguous(group, each) if each.name in twice else each for each in loaded),
        key=lambda each: each.name,
    )
    return Found(
        [each for each in in_order if isinstance(each, Plugin)],
        [each for each in in_order if isinstance(each, Broken)],
        twice,
    )


def gather(group: str) -> Sequence[Plugin[Any]]:
    """What is installed under an entry point group and can be loaded, by name."""
    return discover(group).plugins


def from_files(named: Iterable[str]) -> Mapping[str, Sequence[Plugin[Any] | Broken]]:
    """The plug-ins that `PATH.py:NAME` name, by group: templates and strings stand beside the file."""
    found: dict[str, list[Plugin[Any] | Broken]] = {}
    for each in named:
        group, plugin = _from_file(each)
        found.setdefault(group, []).append(plugin)
    return found


def said(error: BaseException) -> str:
    """An error on one short line."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1]}…"


def _ambiguous(group: str, plugin: Plugin[Any] | Broken) -> Broken:
    reason = f"another plug-in of {group} is named {plugin.name!r}, too; uninstall one of them."
    return Broken(group, plugin.name, plugin.distribution, plugin.version, plugin.origin, reason)


def _from_point(group: str, point: EntryPoint) -> Plugin[Any] | Broken:
    distribution = point.dist
    whence = (
        distribution.name if distribution else "?",
        distribution.version if distribution else "?",
        _origin(distribution) if distribution else "",
    )
    try:
        thing = _made(point.load())
        reason = _fault(group, thing, point.name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever its code does when it is imported
        reason = f"{point.value} cannot be loaded: {said(error)}"
    if reason:
        return Broken(group, point.name, *whence, reason)
    name, version, origin = whence
    return Plugin(point.name, name, version, thing, origin)


def _origin(distribution: Distribution) -> str:
    """The address that a distribution was installed from, where that was no index (PEP 610)."""
    told = distribution.read_text("direct_url.json")
    try:
        url = json.loads(told)["url"] if told else ""
    except (ValueError, KeyError, TypeError):
        return ""
    return url if isinstance(url, str) else ""


def _from_file(named: str) -> tuple[str, Plugin[Any] | Broken]:
    """The plug-in that `PATH.py:NAME` names, and its group; of one that cannot be loaded, nobody knows the group."""
    path, _, attribute = named.rpartition(":")
    file = Path(path)
    try:
        thing = _made(getattr(_module(file), attribute))
        group = next(group for group, methods in METHODS.items() if hasattr(thing, methods[0]))
        name = str(thing.name)
        reason = _fault(group, thing, name)
    except StopIteration:
        group, name, reason = WIDGETS, attribute, f"{named} is neither a widget nor a check."
    except (Exception, SystemExit) as error:  # noqa: BLE001 - as above
        group, name, reason = WIDGETS, attribute, f"{named} cannot be loaded: {said(error)}"
    if reason:
        return group, Broken(group, name, "", "", str(file), reason)
    return group, Plugin(name, "", str(getattr(thing, "version", "")), thing, str(file))


def _module(file: Path) -> ModuleType:
    """The file as a package of its own, so that its templates are found beside it."""
    place = file.resolve(strict=True)
    name = f"transom_file_{place.stem}_{hashlib.sha256(str(place).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, place, submodule_search_locations=[str(place.parent)])
    if spec is None or spec.loader is None:
        message = "it is no Python file"
        raise ImportError(message)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where its package is looked for
    spec.loader.exec_module(module)
    return module


def _made(thing: Any) -> Any:  # noqa: ANN401 - a class, or what is there already
    return thing() if isinstance(thing, type) else thing


def _fault(group: str, thing: object, name: str) -> str:
    """What keeps it from being used at all; empty: nothing that shows from outside."""
    if group not in METHODS:
        return ""
    own = getattr(thing, "name", None)
    if own != name:
        return f"it is installed as {name!r}, and calls itself {own!r}."
    if not NAME.fullmatch(name):
        return "its name is not 1 to 40 of a-z, 0-9 and hyphens, with a letter first."
    missing = [each for each in METHODS[group] if not callable(getattr(thing, each, None))]
    return f"it has no {missing[0]!r}." if missing else ""
