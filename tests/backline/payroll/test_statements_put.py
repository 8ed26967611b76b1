"""How many statements a run puts to the database: as many for a thousand workers as for ten."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.backline.payday import BOB, CAT, TUESDAY, clock, staffed
from tests.backline.week import ANN, AT, in_books

pytestmark = pytest.mark.django_db
MANY = 1000


def statements(place, count: int) -> dict[str, Counter[str]]:
    """Which statements calculating and releasing a run of so many workers put, by what they do."""
    from backline.kernel import operations
    from backline.payroll import actions, tasks
    from backline.payroll.models import PayRun, Payslip

    in_books(place, lambda: staffed(place, count))
    clock(place)
    in_books(place, lambda: tasks.open_runs(at=TUESDAY))
    run = in_books(place, lambda: PayRun.objects.get(calendar__frequency="weekly").pk)
    told: dict[str, Any] = {"actor": ANN, "at": TUESDAY}

    def calculate():
        operation = actions.calculate(run, **told)
        while operations.run_chunk(operation.pk, AT):
            pass

    def release():
        actions.submit(run, **told)
        actions.approve(run, actor=BOB, at=TUESDAY)
        actions.release(run, actor=CAT, at=TUESDAY)

    found = {}
    for name, deed in (("calculate", calculate), ("release", release)):
        with CaptureQueriesContext(connection) as asked:
            in_books(place, deed)
        found[name] = Counter(query["sql"][:60] for query in asked.captured_queries)
    assert in_books(place, Payslip.objects.filter(run__is_final=True).count) == count
    return found


def test_a_thousand_are_paid_in_as_many_statements_as_ten(agency, other_agency):
    few, many = statements(agency, 10), statements(other_agency, MANY)

    for deed in few:
        assert sum(many[deed].values()) == sum(few[deed].values()), many[deed] - few[deed]
