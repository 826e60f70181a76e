"""SQL is lower-case text, written out, the same for every database."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.house.sources import ROOT, SERVER, Module, docstrings, functions, modules

MAY_SPEAK_DIALECT = re.compile(r"widget_server/store/(?:sqlite\w*|postgres\w*|search|migrate)\.py")
DIALECT = re.compile(
    r"\b(?:pragma|autoincrement|rowid|sqlite_\w+|insert or (?:ignore|replace|abort)"
    r"|begin (?:immediate|exclusive)|ifnull|json_extract|json_each|strftime|julianday"
    r"|serial|bigserial|jsonb|ilike|to_tsvector"
    r"|for update|skip locked|distinct on|generate_series)\b",
)
STATEMENT = re.compile(
    r"^\s*(?:select|insert into|update|delete from|with|create|drop|alter|pragma)\s", re.IGNORECASE
)
GIVEN = {"site", "subject", "person", "interaction", "at", "pseudonym"}
"""What the server gives to the statements of a widget that has tables of its own."""

QUOTED = re.compile(r"'[^']*'")
COMMENT = re.compile(r"--[^\n]*")
MIGRATIONS = sorted((ROOT / SERVER).rglob("migrations/**/*.sql"))


def test_statements_are_written_out_and_never_put_together() -> None:
    built = [
        f"{module.place}:{call.lineno}"
        for module in statement_modules()
        for call in sql_calls(module)
        if not call.args or written_out(call.args[0], constants(module)) is None
    ]

    assert built == []


def test_statements_are_lower_case_with_named_parameters() -> None:
    odd = [
        place
        for place, text in statements()
        if bare(text) != bare(text).lower() or re.search(r"\?|%s", bare(text))
    ]

    assert odd == []


def test_a_statement_is_given_exactly_the_parameters_that_it_names() -> None:
    wrong = []
    for module in statement_modules():
        for call in sql_calls(module):
            text = written_out(call.args[0], constants(module)) or ""
            named = set(re.findall(r"(?<!:):(\w+)", bare(text)))
            given = {keyword.arg for keyword in call.keywords}
            if "widgets" in module.path.parts:
                named -= GIVEN - given
            if None not in given and named != given:
                wrong.append(f"{module.place}:{call.lineno} {sorted(named ^ {str(name) for name in given})}")

    assert wrong == []


def test_dialect_words_stand_only_where_dialects_are_spoken() -> None:
    loose = [
        f"{module.place}:{line}: {found[0]}"
        for module in statement_modules()
        if not MAY_SPEAK_DIALECT.fullmatch(module.place)
        for line, text in texts(module)
        if STATEMENT.match(text) and (found := DIALECT.search(bare(text).lower()))
    ]

    assert loose == []


def test_no_question_is_asked_in_a_loop() -> None:
    looped = sorted(
        {
            f"{module.place}:{node.lineno}"
            for module in statement_modules()
            for function in functions(module)
            for loop in ast.walk(function)
            if isinstance(loop, ast.For | ast.AsyncFor)  # `while` reads a long list piece by piece
            for node in (inner for part in loop.body for inner in ast.walk(part))
            if isinstance(node, ast.Yield) and asks(node.value)
        }
    )

    assert looped == []


def test_migrations_are_lower_case_and_the_same_for_every_database() -> None:
    odd = []
    for path in MIGRATIONS:
        text = bare(path.read_text(encoding="utf-8"))
        own = path.name.endswith((".sqlite.sql", ".postgres.sql"))
        if text != text.lower() or (DIALECT.search(text) and not own):
            odd.append(path.name)

    assert odd == []


def test_every_table_leads_its_primary_key_with_the_site() -> None:
    tables = [
        (name, body)
        for path in MIGRATIONS
        for name, body in re.findall(
            r"create table (\w+) \((.*?)\n\)", COMMENT.sub("", path.read_text(encoding="utf-8")), re.DOTALL
        )
    ]
    leading = re.compile(r"primary key \(site\b|^\s*site text not null primary key", re.MULTILINE)

    assert [name for name, body in tables if not leading.search(body)] == []


def statement_modules() -> list[Module]:
    """Where statements are held to the rules; contract suites break them on purpose."""
    return [module for module in modules(SERVER) if "testing" not in module.path.parts]


def sql_calls(module: Module) -> Iterator[ast.Call]:
    """Every `sql(…)` of a module."""
    return (node for node in ast.walk(module.tree) if isinstance(node, ast.Call) and is_sql(node))


def asks(node: ast.expr | None) -> bool:
    """Whether this is a statement that reads: one reads many things; values are written one by one."""
    return (
        isinstance(node, ast.Call)
        and is_sql(node)
        and (written_out(node.args[0], {}) or "select").lstrip().startswith(("select", "with"))
    )


def is_sql(call: ast.Call) -> bool:
    """Whether a call makes a statement."""
    return isinstance(call.func, ast.Name) and call.func.id == "sql"


def written_out(node: ast.expr, known: dict[str, str]) -> str | None:
    """A literal text, or a constant of the module that is one."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return known.get(ast.unparse(node))


def constants(module: Module) -> dict[str, str]:
    """The module's own constants that are literal texts."""
    return {
        ast.unparse(node.targets[0]): node.value.value
        for node in module.tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def statements() -> Iterator[tuple[str, str]]:
    """The place and text of every statement that is written out."""
    for module in statement_modules():
        for call in sql_calls(module):
            text = written_out(call.args[0], constants(module)) if call.args else None
            if text is not None:
                yield f"{module.place}:{call.lineno}", text


def texts(module: Module) -> Iterator[tuple[int, str]]:
    """Every string of a module that is not prose, with its line."""
    prose = docstrings(module.tree)
    return (
        (node.lineno, node.value)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose
    )


def bare(text: str) -> str:
    """A statement without its comments and quoted values."""
    return QUOTED.sub("''", COMMENT.sub("", text))


def test_the_rules_have_something_to_hold() -> None:
    assert len(modules(SERVER)) > 1
    assert list(statements())
    assert MIGRATIONS
