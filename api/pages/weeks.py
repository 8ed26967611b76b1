"""Weeks: an agency's week and standing as figures, as it was published or as its books say now.

The board is drawn from these alone; no person is in them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from backline.kernel import ids
from backline.payroll.deadlines import approve_by
from rulebook.periods import Period, week_of
from rulebook.timeline import NoRule
from tenants.agencies.models import Firm
from tenants.reports import rolling
from tenants.reports.models import AgencyPosition, AgencyWeek

NOTHING: Final = Decimal("0.00")
WEEK: Final = timedelta(days=7)
# From the one that needs a person most to the one that is done.
STAGES: Final = (
    "rejected", "blocked", "open", "calculating", "ready", "submitted", "approved", "releasing",
    "partly_paid", "released", "settled",
)  # fmt: skip
UNDECIDED: Final = frozenset(STAGES[: STAGES.index("approved")])
HOLIDAYS: Final = {"GBP": "gb.england_wales", "USD": "us.federal_reserve"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A pay run as a week tells of it."""

    run: str
    state: str
    pay_on: date
    net: Decimal

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "Run":
        """Read one as it was published."""
        return cls(
            run=str(told["run"]),
            state=str(told["state"]),
            pay_on=date.fromisoformat(str(told["pay_on"])),
            net=Decimal(str(told["net"])),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """One agency's week in one currency."""

    agency: str
    name: str
    country: str
    week_starts_on: date
    currency: str
    workers: int = 0
    sheets: int = 0
    sheets_approved: int = 0
    bill: Decimal = NOTHING
    pay: Decimal = NOTHING
    margin: Decimal = NOTHING
    invoiced: Decimal = NOTHING
    paid_out: Decimal = NOTHING
    runs: Sequence[Run] = field(default=())

    @property
    def margin_share(self) -> Decimal | None:
        """Margin as a share of what is billed; None where nothing is."""
        return self.margin / self.bill if self.bill else None

    @property
    def run(self) -> Run | None:
        """The run that is furthest from done."""
        return min(self.runs, key=lambda run: STAGES.index(run.state), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one agency stands now."""

    agency: str
    name: str
    currency: str
    receivable: Decimal = NOTHING
    in_use: Decimal = NOTHING
    headroom: Decimal | None = None
    unapplied: Decimal = NOTHING
    exceptions: Sequence[Mapping[str, Any]] = field(default=())


COLUMNS: Final = frozenset(one.name for one in fields(Sums)) - {
    "agency", "name", "country", "runs", "week_starts_on", "currency",
}  # fmt: skip


def published(rows: Iterable[AgencyWeek]) -> list[Sums]:
    """Weeks as agencies published them."""
    return [
        Sums(
            agency=row.agency.public_id,
            name=row.agency.name,
            country=row.agency.country,
            week_starts_on=row.week_starts_on,
            currency=row.currency,
            runs=_runs(row.runs),
            **{name: getattr(row, name) for name in COLUMNS},
        )
        for row in rows
    ]


def standings(rows: Iterable[AgencyPosition]) -> list[Standing]:
    """Positions as agencies published them."""
    return [
        Standing(
            agency=row.agency.public_id,
            name=row.agency.name,
            currency=row.currency,
            receivable=row.receivable,
            in_use=row.in_use,
            headroom=row.headroom,
            unapplied=row.unapplied,
            exceptions=row.exceptions,
        )
        for row in rows
    ]


def own_weeks(firm: UUID, name: str, country: str, on: date) -> list[Sums]:
    """The last weeks of the agency whose books are open, as they say now."""
    return [
        Sums(
            agency=ids.public(Firm.PREFIX, firm),
            name=name,
            country=country,
            week_starts_on=row["week_starts_on"],
            currency=row["currency"],
            runs=_runs(row.get("runs", ())),
            **{key: row[key] for key in COLUMNS if key in row},
        )
        for row in rolling.week_sums(on)
    ]


def own_standing(firm: UUID, name: str, partner: str, on: date) -> Standing:
    """Where the agency whose books are open stands now."""
    told = rolling.standing(partner, on)
    return Standing(agency=ids.public(Firm.PREFIX, firm), name=name, **told)


def asked(text: str, usual: date) -> Period:
    """The week around a day that was asked for, else around the usual one."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = usual
    if not date(2000, 1, 1) <= day <= date(2100, 1, 1):
        day = usual
    return week_of(day)


def approve_by_on(rows: Iterable[Sums]) -> date | None:
    """The next last day on which a run of these weeks must be approved; None once all are."""
    found = []
    for row in rows:
        for run in row.runs:
            if run.state in UNDECIDED and row.currency in HOLIDAYS:
                try:
                    found.append(approve_by(run.pay_on, row.currency, HOLIDAYS[row.currency]))
                except NoRule:
                    continue  # no bank holidays are held for that year: no day is named
    return min(found, default=None)


def as_of(rows: Iterable[AgencyWeek]) -> datetime | None:
    """How fresh the least fresh of these is."""
    return min((row.as_of for row in rows), default=None)


def _runs(told: Iterable[Mapping[str, Any]]) -> tuple[Run, ...]:
    return tuple(run for run in map(Run.read, told) if run.state in STAGES)
