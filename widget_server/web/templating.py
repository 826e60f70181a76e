"""Templates: everything in them is escaped, and what is known before any request is put in place when they are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined, Template, nodes
from jinja2.visitor import NodeTransformer

SPEAKER = "t"
"""The name by which templates ask for a phrase."""

Speak = Callable[[str], str]
"""A key's phrase in one language."""


class _Environment(Environment):
    """Jinja's own, in which `thing.name` looks at what a dictionary holds before its methods."""

    def getattr(self, obj: Any, attribute: str) -> Any:  # noqa: ANN401 - whatever a summary holds
        """The entry, else Jinja's way, which raises and catches an error for each entry."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


def environment_of(templates: Mapping[str, str]) -> Environment:
    """An environment in which everything is escaped and nothing undefined is passed over."""
    environment = _Environment(
        loader=DictLoader(dict(templates)),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {"iso": iso, "when": when}
    return environment


@lru_cache(maxsize=16)
def document(name: str) -> Template:
    """One of the server's own pages for readers; servers that one process opens share it."""
    text = (files("widget_server.web") / "templates" / name).read_text(encoding="utf-8")
    return environment_of({name: text}).get_template(name)


def spoken(templates: Mapping[str, str], name: str, speak: Speak) -> Template:
    """A template in one language.

    Phrases that need no value are put in place now, and macros that it imports `with context` too: both would cost more
    in each answer than all the rest.
    """
    environment = environment_of(templates)
    tree = environment.parse(templates[name], name)
    tree.body = [each for node in tree.body for each in _in_place(node, environment, templates)]
    if not any(found.name == SPEAKER and found.ctx != "load" for found in tree.find_all(nodes.Name)):
        _Phrases(speak).visit(tree)
    return Template.from_code(
        environment, environment.compile(tree, name, name), environment.make_globals(None)
    )


def _in_place(node: nodes.Node, environment: Environment, templates: Mapping[str, str]) -> list[nodes.Node]:
    """The macros themselves, where they are imported to see what the template sees; anything else as it is."""
    if not (
        isinstance(node, nodes.FromImport) and node.with_context and isinstance(node.template, nodes.Const)
    ):
        return [node]
    source = templates.get(node.template.value)
    body = environment.parse(source, node.template.value).body if source else []
    macros = [each for each in body if isinstance(each, nodes.Macro)]
    is_plain = all(isinstance(name, str) for name in node.names) and all(map(_is_macro_or_blank, body))
    return list(macros) if macros and is_plain else [node]


def _is_macro_or_blank(node: nodes.Node) -> bool:
    """Whether a part of a file of macros is one of them, or the white space between."""
    if isinstance(node, nodes.Output):
        return all(isinstance(each, nodes.TemplateData) and not each.data.strip() for each in node.nodes)
    return isinstance(node, nodes.Macro)


class _Phrases(NodeTransformer):
    """Puts phrases in the place of the calls that ask for them."""

    def __init__(self, speak: Speak) -> None:
        self._speak = speak

    def visit_Call(self, node: nodes.Call, *arguments: Any, **options: Any) -> nodes.Node:  # noqa: ANN401, N802 - Jinja's names
        """`t("key")` becomes its phrase."""
        match node:
            case nodes.Call(
                node=nodes.Name(name=name),
                args=[nodes.Const(value=str(key))],
                kwargs=[],
                dyn_args=None,
                dyn_kwargs=None,
            ) if name == SPEAKER:
                return nodes.Const(self._speak(key), lineno=node.lineno)
            case _:
                return self.generic_visit(node, *arguments, **options)


def iso(milliseconds: int) -> str:
    """A time as `<time datetime>` takes it."""
    return f"{datetime.fromtimestamp(milliseconds // 1000, UTC).replace(tzinfo=None).isoformat()}Z"


def when(milliseconds: int) -> str:
    """A time for readers whose browser does not put it into their own zone."""
    moment = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"
