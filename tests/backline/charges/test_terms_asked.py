"""Whom the desk asks about: only where no equal terms are held is the clock of a worker run."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from tests.backline.week import TOLD, exceptions, in_books, posts
from tests.counting import statements

pytestmark = pytest.mark.django_db
FIRST = date(2025, 4, 7)
WEEK = timedelta(days=7)


def worked(post: Any, weeks: int) -> None:
    """So many weeks with an hour each, approved."""
    from backline.timesheets.models import TimeEntry, Timesheet

    sheets = [
        Timesheet(
            assignment_id=post.assignment, starts_on=FIRST + WEEK * n, unit="hour",
            ends_on=FIRST + WEEK * n + timedelta(days=6), status="approved", total=Decimal(1),
            created_at=TOLD["at"],
        )
        for n in range(weeks)
    ]  # fmt: skip
    Timesheet.objects.bulk_create(sheets)
    TimeEntry.objects.bulk_create(
        TimeEntry(timesheet=one, worked_on=one.starts_on, code="regular", quantity=Decimal(1))
        for one in sheets
    )


def agreed(post: Any) -> None:
    """What the hirer's own people get is held."""
    from backline.assignments import actions as assignments

    rates = [assignments.NewRate("regular", Decimal(18), Decimal("25.20"))]
    terms = assignments.NewEqualTerms(since=FIRST, rates=rates)
    assignments.agree_equal_terms(post.assignment, terms, **TOLD)


def asked(post: Any, weeks: int) -> tuple[int, list[str]]:
    """How many are told to somebody after so many weeks, and what was looked at for it."""
    from backline.charges import actions

    on = FIRST + WEEK * weeks - timedelta(days=1)
    with statements() as put:
        found = actions.ask_for_terms([post.worker], on, **TOLD)
    return found, [text for text in put if "timesheets_timeentry" in text]


def test_the_ninth_week_asks_and_the_eighth_does_not(agency, other_agency):
    def play(weeks: int) -> tuple[int, list[str]]:
        (post,) = posts(agency, starts_on=FIRST)
        worked(post, weeks)
        return asked(post, weeks)

    eighth, ninth = (in_books(agency, partial(play, n)) for n in (8, 9))

    assert eighth == (0, [])
    assert (ninth[0], len(ninth[1])) == (1, 1)
    assert len(exceptions(agency, "equal_treatment_due")) == 1
    assert exceptions(other_agency, "equal_treatment_due") == []


def test_where_terms_are_held_no_time_is_looked_through(agency):
    def play() -> tuple[int, list[str]]:
        (post,) = posts(agency, starts_on=FIRST)
        worked(post, 60)
        agreed(post)
        return asked(post, 60)

    assert in_books(agency, play) == (0, [])
    assert exceptions(agency, "equal_treatment_due") == []
