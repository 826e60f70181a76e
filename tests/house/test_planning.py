"""No statement rests on what only newer planners can do."""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from tests.house.test_sql import statements


def test_no_list_that_a_value_is_looked_for_in_depends_on_the_row_outside() -> None:
    odd = [
        (place, text)
        for place, whole in statements()
        for text in asked_anew(sqlglot.parse_one(whole, read="sqlite"))
    ]

    assert odd == []


def test_the_rule_finds_what_breaks_it() -> None:
    inside = "select x.path from comments x where x.root = {} limit 20"
    for root, found in (("r.comment", 1), (":root", 0), ("x.comment", 0)):
        text = f"select * from roots r cross join comments c where c.path in ({inside.format(root)})"  # noqa: S608 - asked of nobody
        assert len(asked_anew(sqlglot.parse_one(text, read="sqlite"))) == found


def asked_anew(tree: exp.Expr) -> list[str]:
    """The lists, `in (select …)`, that PostgreSQL before 17 would run for each row, since they name a table outside."""
    found = []
    for each in tree.find_all(exp.In):
        listed = each.args.get("query")
        if listed is not None:
            own = {table.alias_or_name for table in listed.find_all(exp.Table)}
            if {column.table for column in listed.find_all(exp.Column)} - own - {""}:
                found.append(listed.sql())
    return found
