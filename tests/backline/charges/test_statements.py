"""However many sheets one call names, it puts the same number of statements to the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.backline.week import ANN, MONDAY, in_books, posts

if TYPE_CHECKING:
    from uuid import UUID

pytestmark = pytest.mark.django_db

LATER = datetime(2026, 6, 8, 9, tzinfo=UTC)
FEW, MANY = 10, 1000


@dataclass
class Count:
    """Statements of one deed; COPY does not pass through Django's wrappers and is added."""

    copies: int = 0
    asked: list[str] = field(default_factory=list)

    @property
    def number(self) -> int:
        return self.copies + len(self.asked)


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Count]:
    from backline.kernel import copying

    count, write = Count(), copying.write

    def noted(*given: Any) -> int:
        count.copies += 1
        return write(*given)

    with monkeypatch.context() as patch, CaptureQueriesContext(connection) as captured:
        patch.setattr(copying, "write", noted)
        yield count
    count.asked = [query["sql"] for query in captured.captured_queries]


def a_week(place: Any, number: int, monkeypatch: pytest.MonkeyPatch) -> dict[str, Count]:
    """Report, hand in, approve and price again the week of so many workers, counting each."""
    from backline.charges import actions as charges
    from backline.timesheets import actions as timesheets

    told: dict[str, Any] = {"actor": ANN, "at": LATER}
    made = posts(place, number)
    sheets = [
        timesheets.NewSheet(
            assignment=post.assignment,
            starts_on=MONDAY,
            entries=[
                timesheets.NewEntry(worked_on=date(2026, 6, day), quantity=Decimal(9))
                for day in range(1, 6)
            ],
        )
        for post in made
    ]
    keys: list[UUID] = []

    def enter() -> list[Any]:
        outcomes = timesheets.enter(sheets, **told)
        keys.extend(outcome.id for outcome in outcomes)
        return outcomes

    deeds: dict[str, Callable[[], Any]] = {
        "enter": enter,
        "submit": lambda: timesheets.submit(keys, **told),
        "chase": lambda: timesheets.chase(keys, **told),
        "approve": lambda: timesheets.approve(keys, **told),
        "reprice": lambda: charges.reprice(
            [(post.worker, MONDAY) for post in made],
            charges.Why("rate_change", "again", "a"),
            **told,
        ),
    }
    counts = {}
    for name, deed in deeds.items():
        with counted(monkeypatch) as counts[name]:
            outcomes = deed()
        assert all(outcome.refusal is None for outcome in outcomes), name
    return counts


def test_a_thousand_sheets_cost_as_many_statements_as_ten(agency, other_agency, monkeypatch):
    from backline.charges.models import Charge

    few = in_books(other_agency, lambda: a_week(other_agency, FEW, monkeypatch))
    many = in_books(agency, lambda: a_week(agency, MANY, monkeypatch))

    for name in few:
        assert many[name].number == few[name].number, (name, many[name].asked)
    # five days of work and a line of holiday for each of them
    assert in_books(agency, Charge.objects.count) == MANY * 6
    assert in_books(other_agency, Charge.objects.count) == FEW * 6


def test_one_refused_sheet_costs_no_statement_for_each_of_the_others(agency, monkeypatch):
    """What cannot be priced is left out, and its weeks alone are worked out again."""
    from backline.timesheets import actions as timesheets

    def approve(number: int, starts_on: date) -> tuple[Count, int]:
        told: dict[str, Any] = {"actor": ANN, "at": LATER}
        made = posts(agency, number, starts_on=starts_on)
        sheets = [
            timesheets.NewSheet(
                assignment=post.assignment,
                starts_on=starts_on,
                entries=[
                    timesheets.NewEntry(
                        worked_on=starts_on, quantity=Decimal(8), code="regular" if n else "night"
                    )
                ],
                submit=True,
            )
            for n, post in enumerate(made)
        ]
        keys = [outcome.id for outcome in timesheets.enter(sheets, **told)]
        with counted(monkeypatch) as count:
            outcomes = timesheets.approve(keys, **told)
        return count, sum(outcome.refusal is not None for outcome in outcomes)

    few = in_books(agency, lambda: approve(5, MONDAY))
    many = in_books(agency, lambda: approve(60, MONDAY))

    assert (few[1], many[1]) == (1, 1)
    assert many[0].number == few[0].number


def test_rates_that_move_nothing_are_followed_in_as_many_statements_for_a_thousand(
    agency, other_agency, monkeypatch
):
    """Rates agreed for many at once, whose weeks were priced by them already."""
    from backline.charges import reactions
    from backline.charges.models import Charge
    from backline.kernel import feed
    from backline.timesheets import actions as timesheets

    def follow(place: Any, number: int) -> Count:
        told: dict[str, Any] = {"actor": ANN, "at": LATER}
        made = posts(place, number)
        sheets = [
            timesheets.NewSheet(
                assignment=post.assignment,
                starts_on=MONDAY,
                entries=[timesheets.NewEntry(worked_on=MONDAY, quantity=Decimal(9))],
                submit=True,
            )
            for post in made
        ]
        timesheets.approve([one.id for one in timesheets.enter(sheets, **told)], **told)
        charged = Charge.objects.count()
        feed.number()
        agreed = feed.after(0, number, frozenset({"rates.agreed"}))
        assert len(agreed) == number
        with counted(monkeypatch) as count:
            reactions.correct_priced_weeks(agreed)
        assert Charge.objects.count() == charged
        return count

    few = in_books(other_agency, lambda: follow(other_agency, FEW))
    many = in_books(agency, lambda: follow(agency, MANY))

    assert many.number == few.number, many.asked
