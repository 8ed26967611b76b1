"""The world of the demo: three agencies, their clients and workers, and what each did in a week.

Made from a seed, so that it is the same on every machine. Nothing here calls anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from deploy.demo import names

MONDAY: Final = date(2026, 6, 1)
FRIDAY: Final = date(2026, 6, 5)
SUNDAY: Final = date(2026, 6, 7)
PENNY: Final = Decimal("0.01")


SITE_ZONES: Final = {"TX": "America/Chicago", "IL": "America/Chicago"}


@dataclass(frozen=True, slots=True)
class Client:
    """A company that workers are assigned to, with its one site and its one approver."""

    n: int
    name: str
    city: str
    region: str
    approver: str
    email: str
    net_days: int
    group_by: tuple[str, ...] = ()
    po_number: str = ""


@dataclass(frozen=True, slots=True)
class Company:
    """An umbrella, or a worker's own company."""

    n: int
    kind: str
    name: str
    sort_code: str
    account: str


@dataclass(frozen=True, slots=True)
class Job:
    """One worker on one assignment, and the week that they worked."""

    n: int
    given: str
    family: str
    born_on: date
    client: int
    engagement: str
    frequency: str
    title: str
    unit: str
    pay: Decimal
    bill: Decimal
    routing: str
    account: str
    tax_id: str
    company: int | None = None
    days: tuple[Decimal, ...] = ()
    clock: tuple[str, str, int] | None = None  # from, to, minutes of break: Monday to Friday


@dataclass(frozen=True, slots=True)
class Agency:
    """One agency of the partner, and everybody in it."""

    key: str
    name: str
    legal_name: str
    country: str
    currency: str
    zone: ZoneInfo
    clients: list[Client]
    jobs: list[Job]
    companies: Sequence[Company] = ()
    engagements: Sequence[tuple[str, str]] = field(default=())  # frequency, engagement

    @property
    def is_british(self) -> bool:
        """Whether it pays by BACS and taxes by HMRC's tables."""
        return self.country == "GB"

    def site_zone(self, job: Job) -> str:
        """The time zone of the place where a job is done."""
        return SITE_ZONES.get(self.clients[job.client].region, self.zone.key)

    def moment(self, day: date, hour: int) -> str:
        """A full hour of the agency's own day, as the wire spells it."""
        local = datetime(day.year, day.month, day.day, hour, tzinfo=self.zone)
        return local.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")


def funding_terms(agency: Agency) -> dict[str, Any]:
    """Ninety per cent at once, one per cent for the service."""
    fee = {"code": "service", "kind": "flat", "share": "0.01"}
    return {
        "advance_share": "0.90",
        "fees": [fee | ({"vat_share": "0.20"} if agency.is_british else {})],
    }


def small(country: str) -> Agency:
    """An agency without anybody in it yet: for stories of one or two workers."""
    british = country == "GB"
    name = "Small Staffing"
    return Agency(
        "small", name, f"{name} Ltd" if british else f"{name} LLC", country,
        "GBP" if british else "USD",
        ZoneInfo("Europe/London" if british else "America/New_York"), [], [], (),
        (("weekly", "paye" if british else "w2"),),
    )  # fmt: skip


SIZES: Final = {
    # PAYE temps, umbrella workers; contractors paid weekly, monthly; W-2 workers
    "full": (170, 50, 40, 20, 120),
    "fast": (14, 4, 4, 2, 16),
}


def agencies(size: str) -> tuple[Agency, Agency, Agency]:
    """The three agencies in that size."""
    temps, umbrella, weekly, monthly, employees = SIZES[size]
    return (
        _northgate(Random(11), temps, umbrella),
        _harbour(Random(12), weekly, monthly),
        _brightway(Random(13), employees),
    )


# --- a UK industrial agency ----------------------------------------------------------------------


def _northgate(dice: Random, temps: int, umbrella: int) -> Agency:
    clients = _clients(dice, names.BRITISH_CLIENTS, names.BRITISH_CITIES, (temps + umbrella) // 12)
    companies = [
        Company(n, "umbrella", name, "404784", f"7087249{n}")
        for n, name in enumerate(names.UMBRELLAS)
    ]
    jobs = [
        _job(
            dice, n, clients, "paye" if n < temps else "umbrella", "weekly",
            company=None if n < temps else n % len(companies),
        )
        for n in range(temps + umbrella)
    ]  # fmt: skip
    return Agency(
        "northgate", "Northgate Industrial", "Northgate Industrial Ltd", "GB", "GBP",
        ZoneInfo("Europe/London"), clients, jobs, companies,
        (("weekly", "paye"), ("weekly", "umbrella")),
    )  # fmt: skip


# --- a UK IT agency ------------------------------------------------------------------------------


def _harbour(dice: Random, weekly: int, monthly: int) -> Agency:
    clients = _clients(dice, names.TECH_CLIENTS, names.BRITISH_CITIES, (weekly + monthly) // 8)
    count = weekly + monthly
    jobs = [
        _job(
            dice, n, clients, "limited", "weekly" if n < weekly else "monthly",
            company=n, unit="day",
        )
        for n in range(count)
    ]  # fmt: skip
    companies = [
        Company(job.n, "limited", f"{job.family} {job.given[0]} Consulting Ltd", "404784",
                f"{31000000 + job.n}")
        for job in jobs
    ]  # fmt: skip
    return Agency(
        "harbour", "Harbour IT", "Harbour IT Resourcing Ltd", "GB", "GBP",
        ZoneInfo("Europe/London"), clients, jobs, companies,
        (("weekly", "limited"), ("monthly", "limited")),
    )  # fmt: skip


# --- a US light-industrial agency ----------------------------------------------------------------


def _brightway(dice: Random, employees: int) -> Agency:
    clients = _clients(dice, names.AMERICAN_CLIENTS, names.AMERICAN_CITIES, employees // 12)
    jobs = [_job(dice, n, clients, "w2", "weekly") for n in range(employees)]
    return Agency(
        "brightway", "Brightway Staffing", "Brightway Staffing LLC", "US", "USD",
        ZoneInfo("America/New_York"), clients, jobs, (), (("weekly", "w2"),),
    )  # fmt: skip


# --- what they share -----------------------------------------------------------------------------


def _clients(
    dice: Random, called: Sequence[str], cities: Sequence[tuple[str, str]], count: int
) -> list[Client]:
    found = []
    for n, name in enumerate(called[: max(4, min(count, len(called)))]):
        city, region = cities[n % len(cities)]
        approver = f"{dice.choice(names.GIVEN)} {dice.choice(names.FAMILY)}"
        address = name.lower().replace(" ", "").replace("&", "").replace("'", "")
        found.append(
            Client(
                n, name, city, region, approver, f"time@{address}.test",
                dice.choice((14, 30, 30)),
                ("po_number",) if n % 4 == 1 else ("worker",) if n % 7 == 3 else (),
                f"PO-{4400 + n}" if n % 4 == 1 else "",
            )
        )  # fmt: skip
    return found


def _job(
    dice: Random,
    n: int,
    clients: Sequence[Client],
    engagement: str,
    frequency: str,
    *,
    company: int | None = None,
    unit: str = "hour",
) -> Job:
    trades = {"w2": names.AMERICAN_TRADES, "limited": names.TECH_TRADES}
    title, low, high = dice.choice(trades.get(engagement, names.TRADES))
    pay = _rounded(low + (high - low) * Decimal(dice.randint(0, 20)) / 20, unit)
    margin = Decimal(dice.choice(("1.22", "1.28", "1.34"))) if unit == "hour" else Decimal("1.14")
    if engagement in {"paye", "w2"}:
        margin += Decimal("0.20")  # holiday, insurance and the employer's taxes
    days, clock = _week(dice, unit, n)
    american = engagement == "w2"
    return Job(
        n,
        names.GIVEN[n % len(names.GIVEN)],
        names.FAMILY[(n * 7 + n // len(names.GIVEN)) % len(names.FAMILY)],
        date(dice.randint(1968, 2003), dice.randint(1, 12), dice.randint(1, 28)),
        dice.randrange(len(clients)),
        engagement,
        frequency,
        title,
        unit,
        pay,
        _rounded(pay * margin, unit),
        "021000021" if american else "404784",
        f"{61000000 + n}" if american else f"{50000000 + n}",
        f"{400 + n // 9000:03d}{10 + n % 89:02d}{1000 + n:04d}" if american else "",
        company,
        days,
        clock,
    )


def _week(
    dice: Random, unit: str, n: int
) -> tuple[tuple[Decimal, ...], tuple[str, str, int] | None]:
    if unit == "day":
        return tuple(Decimal(1) for _ in range(dice.choice((4, 5, 5, 5)))), None
    if n % 5 == 0:
        return (), dice.choice(
            (("06:00", "14:30", 30), ("08:00", "16:30", 30), ("13:30", "22:00", 30))
        )
    hours = dice.choice(("7.5", "8", "8", "8.5", "9"))
    return tuple(Decimal(hours) for _ in range(dice.choice((4, 5, 5, 5)))), None


def _rounded(amount: Decimal, unit: str) -> Decimal:
    return amount.quantize(PENNY if unit == "hour" else Decimal(5)).quantize(PENNY)
