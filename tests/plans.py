"""How much the server reads for a statement, as it tells by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def rows_read(found: list[int]) -> Iterator[None]:
    """Note for each statement of the block how many rows were taken from tables, with those that
    were thrown away; by way of indexes, as with tables that are large.
    """

    def asked(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        with connection.connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
            (plan,) = cursor.fetchone()
        found.append(_taken(plan[0]["Plan"]))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(asked):
        yield


def _taken(plan: Any) -> int:
    below = sum(_taken(each) for each in plan.get("Plans", ()))
    if "Scan" not in plan["Node Type"] or "Plans" in plan:
        return below
    each = int(plan["Actual Rows"]) + int(plan.get("Rows Removed by Filter", 0))
    return each * int(plan["Actual Loops"]) + below
