"""Dated rows: what holds from a day until the next one of its kind; a new one ends the one
before.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeVar

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
R = TypeVar("R")


def since(day: date, until: date | None = None) -> DateRange:
    """The days from `day` on, up to and without `until`."""
    return DateRange(day, until, "[)")


def on(rows: "QuerySet[M]", day: date) -> "QuerySet[M]":
    """The rows in force on a day."""
    return rows.filter(valid__contains=day)


def succeed(rows: "QuerySet[Any]", day: date) -> date | None:
    """Make room for a row that holds from a day: what began before ends there.

    Rows that begin on or after the day are later decisions and stay; returns the day on which the
    new row
    must therefore end, or None. A row that begins on the very day is replaced, which only its owner
    may allow:
    ValueError then.
    """
    until: date | None = None
    for row in rows.select_for_update():
        if row.valid.lower == day:
            raise ValueError("a row of that day exists")
        if row.valid.lower > day:
            until = row.valid.lower if until is None else min(until, row.valid.lower)
        elif row.valid.upper is None or row.valid.upper > day:
            row.valid = since(row.valid.lower, day)
            row.save(update_fields=["valid"])
    return until


def replace(rows: "QuerySet[Any]", day: date) -> date | None:
    """Make room as `succeed` does; a row of the very day is withdrawn and kept, and its end
    is taken over.
    """
    twin = rows.select_for_update().filter(valid__startswith=day).first()
    if twin is None:
        return succeed(rows, day)
    twin.withdrawn = True
    twin.save(update_fields=["withdrawn"])
    until: date | None = twin.valid.upper
    return until


def in_force(rows: Iterable[R], day: date) -> R | None:
    """The row of an already loaded list that is in force on a day, or None."""
    for row in rows:
        valid: DateRange = row.valid  # type: ignore[attr-defined]
        starts_before = valid.lower is None or valid.lower <= day
        if starts_before and (valid.upper is None or day < valid.upper):
            return row
    return None
