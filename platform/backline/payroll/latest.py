"""Latest: where each tax year stands before a pay day. It is remembered when a run is released, so
that no reader looks through the statements of a year to find the last.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from backline.kernel import rows
from backline.payroll.earning import tax_year
from backline.payroll.models import OpeningFigure, PayRun, Payslip, YearToDate

EMPLOYED = frozenset({"paye", "w2"})
OVER_THE_YEAR = ("arrears.", "shortfall.")

# Pay of an employee, or pay deemed to be earned through a company: a year to date each.
NOTE = """
INSERT INTO payroll_yeartodate (worker_id, country, tax_year, intermediary_id, statement)
SELECT DISTINCT ON (worker_id, country, tax_year, company)
       worker_id, country, tax_year, company, id
FROM (
    SELECT id, worker_id, country, tax_year,
           CASE WHEN route <> ALL (%(employed)s) THEN intermediary_id END AS company
    FROM payroll_payslip
    WHERE run_id = %(run)s AND (route = ANY (%(employed)s) OR carried_forward <> '{}')
) slip
ORDER BY worker_id, country, tax_year, company, id DESC
ON CONFLICT (worker_id, country, tax_year, intermediary_id)
DO UPDATE SET statement = excluded.statement
"""

# Whose year to date is another than the one that theirs was worked out from.
OVERTAKEN = """
SELECT own.worker_id
FROM payroll_payslip own LEFT JOIN LATERAL (
    SELECT year.statement FROM payroll_yeartodate year
    WHERE year.worker_id = own.worker_id AND year.country = own.country
      AND year.tax_year = own.tax_year
      AND year.intermediary_id IS NOT DISTINCT FROM
          CASE WHEN own.route <> ALL (%(employed)s) THEN own.intermediary_id END
    LIMIT 1
) latest ON true
WHERE own.run_id = %(run)s AND (own.route = ANY (%(employed)s) OR own.carried_forward <> '{}')
  AND own.follows IS DISTINCT FROM latest.statement
"""


class Left(NamedTuple):
    """A final statement, and the year to date as it leaves it."""

    id: UUID
    carried_forward: dict[str, str]


# The last final statement of a year, or None before it, and the year to date after it.
Standing = tuple[UUID | None, Mapping[str, Decimal]]


def note(run: PayRun) -> None:
    """Remember that a run's statements, which are final now, are the last of their years."""
    with connection.cursor() as cursor:
        cursor.execute(NOTE, _of(run))


def overtaken(run: PayRun) -> set[str]:
    """The workers whose year to date moved on since their statement of this run was worked out."""
    with connection.cursor() as cursor:
        cursor.execute(OVERTAKEN, _of(run))
        return {str(worker) for (worker,) in cursor.fetchall()}


def of_employees(workers: Sequence[UUID], country: str, pay_on: date) -> dict[UUID, Standing]:
    """Each worker's year to date before a pay day: the last final statement's, else the opening
    figures, else what an order lacked when the year before ended.
    """
    year = tax_year(country, pay_on)
    opening: dict[UUID, dict[str, Decimal]] = {}
    figures = OpeningFigure.objects.filter(worker__among=workers, tax_year=year)
    for worker, name, amount in figures.values_list("worker_id", "key", "amount"):
        opening.setdefault(worker, {})[name] = amount
    found: dict[UUID, Standing] = {worker: (None, own) for worker, own in opening.items()}
    years = YearToDate.objects.filter(country=country, intermediary=None)
    for (worker, _), own in _standing(years.filter(worker__among=workers, tax_year=year)).items():
        found[worker] = own
    missing = [key for key in workers if key not in found]
    if missing:
        _bring_arrears(found, years.filter(worker__among=missing))
    return found


def of_companies(workers: Iterable[UUID], pay_on: date) -> dict[tuple[UUID, UUID | None], Standing]:
    """The year to date of each worker through each company, as the last final statement left it,
    what was taken back taken off.
    """
    years = YearToDate.objects.filter(
        worker__among=workers, country="GB", tax_year=tax_year("GB", pay_on)
    )
    return _standing(years.exclude(intermediary=None))


def _standing(years: QuerySet[YearToDate]) -> dict[tuple[UUID, UUID | None], Standing]:
    places = {
        statement: (worker, company)
        for worker, company, statement in years.values_list(
            "worker_id", "intermediary_id", "statement"
        )
    }
    last = Payslip.objects.filter(pk__among=places)
    return {
        places[key]: (key, {name: Decimal(amount) for name, amount in carried.items()})
        for key, carried in rows.read(Left, last)
    }


def _bring_arrears(found: dict[UUID, Standing], years: QuerySet[YearToDate]) -> None:
    """Bring what orders still lack over the end of a tax year: a debt does not end with it."""
    last = years.order_by("worker_id", "-tax_year").distinct("worker_id")
    for (worker, _), (_, carried) in _standing(last).items():
        owed = {name: amount for name, amount in carried.items() if name.startswith(OVER_THE_YEAR)}
        if owed:
            found[worker] = (None, owed)


def _of(run: PayRun) -> dict[str, Any]:
    return {"run": run.pk, "employed": sorted(EMPLOYED)}
