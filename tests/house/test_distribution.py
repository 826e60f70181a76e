"""What the program asks of its database can be spread over machines by site, without asking two of them at once.

The rules are those of Citus, CockroachDB and YugabyteDB (docs/explanation/distributed.md), held against every statement
that is written out in the program, and against the tables and keys of the migrations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from tests.house.sources import ROOT, SERVER, modules
from tests.house.test_sql import COMMENT, MIGRATIONS, bare, statements, texts

LOCAL = frozenset({"migrations"})
"""Tables that are small and the same for all sites: reference tables, on every machine."""

CATALOGUE = re.compile(r"sqlite_schema|pg_\w+")

ACROSS = {
    "select site, name, origins, settings, created from sites order by site": "a command lists all sites",
    "select site, notifier, interaction, due, attempts, fault from outbox where notifier = :notifier and due <= :now"
    " order by due, interaction limit 1": "notices are taken one by one, in the background",
    "select site, seq from change_clock": "processes look where others changed something",
}
"""Reads that concern all sites: each on a path that no visitor waits on."""

MISSING = re.compile(
    r"\b(?:serial|bigserial|generated (?:always|by default) as identity|create sequence|nextval|pg_advisory_lock"
    r"|pg_try_advisory_lock|lock table|create trigger|create extension|unlogged|with hold)\b"
)
"""What one of the three engines has not, or has in another way."""


def test_every_statement_names_the_site_of_every_table_that_it_touches() -> None:
    loose = [
        (place, table)
        for place, text in statements()
        if _flat(text) not in ACROSS
        for table in unbound(sqlglot.parse_one(text, read="sqlite"))
    ]

    assert loose == []


def test_the_reads_across_sites_are_no_more_than_these() -> None:
    assert set(ACROSS) <= {_flat(text) for _, text in statements()}


def test_every_row_is_written_under_the_site_that_the_statement_names() -> None:
    odd = [
        (place, insert.sql())
        for place, tree in written()
        for insert in tree.find_all(exp.Insert)
        if not (_table(insert) in LOCAL or _gives_site(insert))
    ]

    assert odd == []


def test_nothing_is_looked_up_within_the_values_of_a_row() -> None:
    """Citus: subqueries within INSERT … VALUES are not supported."""
    odd = [
        place
        for place, tree in written()
        for values in tree.find_all(exp.Values)
        if list(values.find_all(exp.Subquery, exp.Select))
    ]

    assert odd == []


def test_no_statement_writes_to_one_table_twice() -> None:
    """CockroachDB: multiple modifications of one table in one statement are refused."""
    kinds = (exp.Insert, exp.Update, exp.Delete)
    twice = [
        place
        for place, tree in written()
        for tables in [[_table(each) for each in tree.find_all(*kinds)]]
        if len(tables) != len(set(tables))
    ]

    assert twice == []


def test_no_site_is_ever_changed() -> None:
    """The column by which rows are spread: a row cannot move to another machine."""
    moved = [
        place
        for place, tree in written()
        for update in tree.find_all(exp.Update)
        for each in update.args["expressions"]
        if each.this.name == "site"
    ]

    assert moved == []


def test_no_text_of_the_store_needs_what_such_engines_lack() -> None:
    said = [
        (module.place, line, found[0])
        for module in modules(SERVER)
        if "store" in module.path.parts
        for line, text in texts(module)
        if (found := MISSING.search(bare(text).lower()))
    ]
    said += [
        (path.name, 0, found[0])
        for path in MIGRATIONS
        if (found := MISSING.search(bare(path.read_text(encoding="utf-8")).lower()))
    ]

    assert said == []


def test_unique_keys_begin_with_the_site_and_no_foreign_key_leaves_it() -> None:
    keys = [
        (path.name, found[0])
        for path in MIGRATIONS
        for found in re.finditer(
            r"create unique index \w+ on \w+ \((\w+)|\bunique \((\w+)|foreign key \((\w+)",
            COMMENT.sub("", path.read_text(encoding="utf-8")),
        )
        if (found[1] or found[2] or found[3]) != "site"
    ]

    assert keys == []


def test_the_script_for_citus_spreads_every_table() -> None:
    script = (ROOT / "deploy" / "citus.sql").read_text(encoding="utf-8")
    spread = set(re.findall(r"^\s*\('(\w+)'\)", script, re.MULTILINE))
    shared = set(re.findall(r"create_reference_table\('(\w+)'\)", script))

    assert spread == tables() - LOCAL
    assert shared == LOCAL


def test_the_rules_find_what_breaks_them() -> None:
    for text, table in (
        ("select * from people where person = :person", "people"),
        ("select * from people p join comments c on c.person = p.person where p.site = :site", "comments"),
        ("update people set name = '' where site = :site and exists (select 1 from comments c)", "comments"),
        ("delete from people where site = :site or person = :person", "people"),
    ):
        assert unbound(sqlglot.parse_one(text, read="sqlite")) == [table]
    for text in (
        "select * from people p join comments c on c.site = p.site and c.person = p.person where p.site = :site",
        "update people set name = '' where site = :site and exists (select 1 from comments c where c.site = :site)",
    ):
        assert unbound(sqlglot.parse_one(text, read="sqlite")) == []


def unbound(tree: exp.Expr) -> list[str]:
    """The tables of a statement whose rows may be of any site."""
    loose = []
    if isinstance(tree, exp.Update | exp.Delete) and not _bound_at("", tree.args.get("where")):
        loose.append(_table(tree))
    for select in tree.find_all(exp.Select):
        for scope in traverse_scope(select.copy()) if select.parent_select is None else ():
            loose += [table.name for alias, table in _tables(scope) if not _bound(scope, alias)]
    known = LOCAL | {each.alias for each in tree.find_all(exp.CTE)}
    # What has no name is a function that gives rows, and no table.
    return [name for name in loose if name and name not in known and not CATALOGUE.fullmatch(name)]


def _tables(scope: Scope) -> Iterator[tuple[str, exp.Table]]:
    for alias, source in scope.sources.items():
        if isinstance(source, exp.Table) and source in list(scope.find_all(exp.Table)):
            yield alias, source


def _bound(scope: Scope, alias: str) -> bool:
    """Whether rows under that alias are of the site that is asked for, or of that of a row that is."""
    alone = len(list(_tables(scope))) == 1
    return any(
        _bound_at("" if alone and not qualified else alias, where)
        for where in scope.find_all(exp.Where, exp.Join)
        for qualified in (False, True)
    )


def _bound_at(alias: str, where: exp.Expr | None) -> bool:
    condition = where.args.get("on") if isinstance(where, exp.Join) else where and where.this
    if condition is None or isinstance(condition.unnest(), exp.Or):
        return False
    parts = list(condition.flatten()) if isinstance(condition, exp.And) else [condition]
    return any(_is_site(part, alias) for part in parts)


def _is_site(part: exp.Expr, alias: str) -> bool:
    if not isinstance(part, exp.EQ):
        return False
    sides = [part.left, part.right]
    ours = [
        side for side in sides if isinstance(side, exp.Column) and side.name == "site" and side.table == alias
    ]
    others = [side for side in sides if side not in ours]
    return bool(ours) and any(
        (isinstance(side, exp.Placeholder) and side.name == "site")
        or (isinstance(side, exp.Column) and side.name == "site" and side.table)
        for side in others
    )


def _gives_site(insert: exp.Insert) -> bool:
    columns = [each.name for each in insert.this.expressions] if isinstance(insert.this, exp.Schema) else []
    source = insert.expression
    if columns[:1] != ["site"]:
        return False
    if isinstance(source, exp.Values):
        firsts = [row.expressions[0] for row in source.expressions]
    else:
        firsts = [select.expressions[0] for select in source.find_all(exp.Select) if select.parent is insert]
    return bool(firsts) and all(isinstance(each.unalias(), exp.Placeholder) for each in firsts)


def _table(tree: exp.Expr) -> str:
    found = tree.this.find(exp.Table)
    return found.name if found else ""


def written() -> list[tuple[str, exp.Expr]]:
    """Every statement of a transaction that changes something."""
    trees = [(place, sqlglot.parse_one(text, read="sqlite")) for place, text in statements()]
    return [(place, tree) for place, tree in trees if tree.find(exp.Insert, exp.Update, exp.Delete)]


def tables() -> set[str]:
    """The tables that the migrations leave."""
    names = {"migrations"}
    for path in (each for each in MIGRATIONS if each.parent.name == "core"):
        text = COMMENT.sub("", path.read_text(encoding="utf-8"))
        names |= set(re.findall(r"create table (\w+)", text))
        names -= set(re.findall(r"drop table (\w+)", text))
    return names


def _flat(text: str) -> str:
    return " ".join(text.split())
