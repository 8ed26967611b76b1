"""Pay years: a calendar's pay days in a tax year beside the runs that pay them, with gaps, overlaps
and pay days too many.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from backline.kernel.errors import Invalid, Missing
from backline.payroll.actions.opening import pay_day, period_around
from backline.payroll.earning import TAX_YEAR_STARTS
from backline.payroll.earning import tax_year as year_of
from backline.payroll.models import PayCalendar, PayRun
from rulebook.packs.gb.taxyear import payday
from rulebook.payyears import PayPeriod, Row, table
from rulebook.timeline import NoRule

COUNTRY = {"GBP": "GB", "USD": "US"}
# So many pay days a year has at most before one is too many.
USUAL = {"weekly": 52, "fortnightly": 26, "biweekly": 26, "four_weekly": 13, "monthly": 12}
LONGEST = timedelta(days=80)  # a period and the lag after it
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class YearRow:
    """A pay day of a calendar: its place in the year, its run if there is one, and what is odd."""

    row: Row
    run: UUID | None
    flags: tuple[str, ...]


def of_calendar(calendar: UUID, tax_year: str, *, on: date) -> tuple[str, list[YearRow]]:
    """The pay days of a calendar in a tax year, or in that of a day; raises Missing or Invalid for
    one there is not.

    Flags beside the calculator's: no_run for a period that is over and has none, first_period where
    the calendar begins, overlaps_calendar where another pays the same people.
    """
    found = PayCalendar.objects.filter(pk=calendar).first()
    if found is None:
        raise Missing("not_found", "There is no such pay calendar.")
    country = COUNTRY[found.currency]
    year = tax_year or year_of(country, on)
    first, last = _days_of(country, year)
    runs = {
        run.starts_on: run
        for run in PayRun.objects.filter(calendar=found, kind="regular").exclude(
            state=PayRun.State.CANCELLED
        )
    }
    periods = []
    for period in _periods(found, first, last):
        run = runs.get(period.starts_on)
        due = run.pay_on if run else period.pay_on
        if due is None or first <= due <= last:
            periods.append(PayPeriod(period.starts_on, period.ends_on, due))
    rivals = _rivals(found)
    rows = table(periods, (first, last), _numbered(found))
    return year, [_row(row, runs.get(row.period.starts_on), found, on, rivals) for row in rows]


def _row(
    row: Row, run: PayRun | None, calendar: PayCalendar, on: date, rivals: Sequence[PayCalendar]
) -> YearRow:
    flags = list(row.flags)
    if row.period.starts_on == calendar.anchor_on:
        flags.append("first_period")
    if run is None and row.period.ends_on < on:
        flags.append("no_run")
    if any(rival.anchor_on <= row.period.ends_on for rival in rivals):
        flags.append("overlaps_calendar")
    return YearRow(row, run.pk if run else None, tuple(flags))


def _periods(calendar: PayCalendar, first: date, last: date) -> Iterator[PayPeriod]:
    day = max(calendar.anchor_on, first - LONGEST)
    while True:
        period = period_around(calendar, day)
        if period.starts > last:
            return
        try:
            due: date | None = pay_day(calendar, period)
        except NoRule:
            due = None
        if due is not None or first <= period.last_day <= last:
            yield PayPeriod(period.starts, period.last_day, due)
        day = period.ends


def _numbered(calendar: PayCalendar) -> Callable[[date, int], tuple[int, bool]]:
    def place(pay_on: date, n: int) -> tuple[int, bool]:
        if calendar.currency == "GBP":
            when = payday(pay_on, calendar.frequency)
            return when.number, when.extra
        return n, n > USUAL[calendar.frequency]

    return place


def _rivals(calendar: PayCalendar) -> list[PayCalendar]:
    """Other calendars that pay the same engagements in the same rhythm and currency."""
    others = PayCalendar.objects.filter(
        frequency=calendar.frequency, currency=calendar.currency, is_active=True
    ).exclude(pk=calendar.pk)
    own = set(calendar.engagements)
    return [other for other in others if own & set(other.engagements)]


def _days_of(country: str, tax_year: str) -> tuple[date, date]:
    shaped = len(tax_year) == (7 if country == "GB" else 4) and tax_year[:4].isdigit()
    year = int(tax_year[:4]) if shaped else 0
    if not 1990 <= year <= 2100 or (country == "GB" and tax_year[4:] != f"-{(year + 1) % 100:02d}"):
        told = "Write 2026-27." if country == "GB" else "Write 2026."
        raise Invalid("tax_year_unknown", told, pointer="/tax_year")
    first = date(year, *TAX_YEAR_STARTS[country])
    return first, date(year + 1, *TAX_YEAR_STARTS[country]) - DAY
