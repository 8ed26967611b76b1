"""Pack: the questions a country must answer, and where each country's answers are found."""

import marshal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache, partial
from importlib import import_module
from operator import length_hint
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, Protocol, TypeAlias, TypeVar, cast

from rulebook.hours import WeekRules
from rulebook.lines import Line, Row, total
from rulebook.periods import Period
from rulebook.timeline import NoRule

NO_FACTS: Mapping[str, object] = MappingProxyType({})


class Unpayable(ValueError):
    """A payslip that cannot be worked out; `faults` are (pointer, code, sentence), all of them."""

    def __init__(self, faults: tuple[tuple[str, str, str], ...]) -> None:
        self.faults = faults
        super().__init__(" ".join(sentence for _, _, sentence in faults))


@dataclass(frozen=True, slots=True)
class Earning:
    """What was earned: `kind` is work, overtime, holiday, bonus, commission, allowance, expense,
    statutory (sick and family pay) or benefit (UK: taxed with pay, not paid in money).

    What was paid too much or too soon has kinds of its own: advance (paid before it is earned),
    correction (takes earlier pay back), carried (what pay could not bear, owed from now on) and
    recovery (owed pay taken back before tax, below zero). None of them counts as pay for an hour.

    `amount` in the currency of the country, two places; `hours` decides minimum wage and nothing
    else here; `place` is the state (US) or nation (UK) worked in; `taxable` is false for expenses
    paid back. `least` is what the minimum wages of the days worked come to; where it is not told,
    the wage of the period's first day is taken.
    """

    code: str
    kind: str
    amount: Decimal
    hours: Decimal = Decimal(0)
    place: str = ""
    taxable: bool = True
    least: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Deduction:
    """What is taken besides tax: `kind` is pension, order, loan, advance or other.

    Lower `priority` goes first. `treatment` is after_tax, before_tax or salary_sacrifice.
    `protected` is pay that it must leave; `balance` what is still owed in all (None: no end);
    `cap` the most it takes at once, arrears and all (None: no limit of its own).
    """

    code: str
    kind: str
    amount: Decimal
    priority: int = 100
    payee: str = ""
    treatment: str = "after_tax"
    protected: Decimal = Decimal(0)
    balance: Decimal | None = None
    cap: Decimal | None = None

    def wanted(self, arrears: Decimal) -> Decimal:
        """What it asks for with its arrears, within its balance and its cap."""
        asked = self.amount + arrears
        if self.balance is not None and self.balance < asked:
            asked = self.balance
        return asked if self.cap is None or asked < self.cap else self.cap


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything one payslip is made from; the same situation gives the same payslip for ever.

    `elections` are the worker's (tax code, NI letter, W-4 ...), `employer` the firm's (unemployment
    rates, levy, pension scheme ...), `year_to_date` amounts by key before this payslip. Keys are
    the pack's. `period` is when it was earned: some law goes by its last day, not the pay date.
    """

    country: str
    pay_on: date
    frequency: str
    earnings: tuple[Earning, ...]
    elections: Mapping[str, object]
    employer: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    deductions: tuple[Deduction, ...] = ()
    year_to_date: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))
    worker_born_on: date | None = None
    explain: bool = False
    period: Period | None = None


class Payslip(NamedTuple):
    """What one payslip comes to; `carried_forward` is the year to date after it, by pack's keys.

    `rows` are its lines without the names of their parts.
    """

    rows: tuple[Row, ...]
    carried_forward: Mapping[str, Decimal]
    pack: str

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every figure of the payslip, in its order."""
        return tuple(map(Line._make, self.rows))

    @property
    def gross(self) -> Decimal:
        """All earnings, taxable or not."""
        return total(self.rows, "earning")

    @property
    def taken(self) -> Decimal:
        """Everything withheld from the worker."""
        return total(self.rows, "tax", "deduction")

    @property
    def net(self) -> Decimal:
        """What arrives: gross less what is taken."""
        return self.gross - self.taken

    @property
    def employer_cost(self) -> Decimal:
        """What the employer owes on top of gross."""
        return total(self.rows, "employer")


# A payslip out of its parts in their order, in half the time of giving them one by one.
payslip_of: Callable[[tuple[tuple[Row, ...], Mapping[str, Decimal], str]], Payslip] = partial(
    tuple.__new__, Payslip
)


Refused: TypeAlias = Unpayable | NoRule
REFUSED = (Unpayable, NoRule)
Facts: TypeAlias = Mapping[str, object]
Sheet = TypeVar("Sheet")
Read = TypeVar("Read")
MOST_READ = 256
# So many payslips are worked out together: few enough to stay within the processor's reach.
TOGETHER = 32


def in_stages(
    situations: Sequence[Situation],
    begin: Callable[[Situation], Sheet],
    stages: Sequence[Callable[[Sheet], None]],
    finish: Callable[[Sheet], Payslip],
) -> list[Payslip | Refused]:
    """Work out many payslips, all of a few through one stage before any goes to the next.

    The same work over and over is done in half the time. Whatever refuses one leaves the others.
    """
    found: list[Payslip | Refused] = []
    for start in range(0, len(situations), TOGETHER):
        few = situations[start : start + TOGETHER]
        sheets: list[Sheet] = []
        refused: dict[int, Refused] = {}
        for n, situation in enumerate(few):
            try:
                sheets.append(begin(situation))
            except REFUSED as no:
                refused[n] = no.with_traceback(None)
        left = [n for n in range(len(few)) if n not in refused] if refused else range(len(few))
        for stage in stages:
            lost = _all_through(stage, sheets)
            if lost:
                refused.update((left[place], no) for place, no in lost.items())
                left = [n for n in left if n not in refused]
                sheets = [one for place, one in enumerate(sheets) if place not in lost]
        if not refused:
            found += map(finish, sheets)
            continue
        worked = dict(zip(left, sheets, strict=True))
        found += [refused[n] if n in refused else finish(worked[n]) for n in range(len(few))]
    return found


def _all_through(stage: Callable[[Sheet], None], sheets: Sequence[Sheet]) -> dict[int, Refused]:
    """Take all through a stage; gives those it refuses, by their place."""
    refused: dict[int, Refused] = {}
    left = iter(sheets)
    while True:
        try:
            for sheet in left:
                stage(sheet)
        except REFUSED as no:
            refused[len(sheets) - length_hint(left) - 1] = no.with_traceback(None)
        else:
            return refused


class ReadOnce(Generic[Read]):
    """Reads facts once: the same mapping, as long as nobody changed it, is not read again."""

    __slots__ = ("_kept", "_read")

    def __init__(self, read: Callable[[Facts], Read]) -> None:
        self._read = read
        self._kept: dict[int, tuple[Facts, Read]] = {}

    def __call__(self, told: Facts) -> Read:
        """What the facts say."""
        kept = self._kept.get(id(told))
        if kept is not None and kept[0] == told:
            return kept[1]
        if len(self._kept) >= MOST_READ:
            self._kept.clear()
        copy: Facts = as_kept(told)
        found = self._read(copy)
        self._kept[id(told)] = (copy, found)
        return found


def spelled(told: Facts) -> bytes:
    """Facts spelled out: the same bytes for facts that are the same to the letter."""
    try:
        return marshal.dumps(cast(Any, told), 2)  # a version that spells the same the same way
    except ValueError:  # what JSON does not have: exact numbers, days
        return repr(told).encode()


def as_kept(told: Any) -> Any:
    """A copy of facts that nobody else can change."""
    if isinstance(told, Mapping):
        return {key: as_kept(value) for key, value in told.items()}
    return [as_kept(value) for value in told] if isinstance(told, list) else told


class Pack(Protocol):
    """A country's rules; `version` is kept with every payslip made by them."""

    version: str

    def payslips(self, situations: Sequence[Situation]) -> "list[Payslip | Refused]":
        """Work out many payslips; in place of one that cannot be: Unpayable with every fault, or
        NoRule where law is not held.
        """
        ...

    def faults(self, situation: Situation) -> tuple[tuple[str, str, str], ...]:
        """Everything that keeps a situation from being worked out, as (pointer, code, sentence)."""
        ...

    def due_on(
        self, liability: str, pay_on: date, employer: Mapping[str, object] = NO_FACTS
    ) -> date:
        """The day by which a liability (a line code) of that pay date must reach its payee.

        `employer` holds what the firm was told by its authorities, such as how often it deposits.
        """
        ...


class Worktime(Protocol):
    """A country's rules of working time, kept in its module `worktime`."""

    def week_rules(
        self, on: date, places: frozenset[str], agreed: Mapping[str, object]
    ) -> WeekRules:
        """How the workweek around a day splits into straight time and overtime."""
        ...

    def holiday_share(self, on: date) -> Decimal:
        """The share that holiday pay adds when paid along with pay; 0 where law knows none."""
        ...


COUNTRIES = {"GB": "rulebook.packs.gb", "US": "rulebook.packs.us"}


@cache
def pack(country: str) -> Pack:
    """The pack of a country; KeyError for a country that has none."""
    return cast(Pack, import_module(COUNTRIES[country]).PACK)


def worktime(country: str) -> Worktime:
    """The working-time rules of a country; KeyError for a country that has none."""
    return cast(Worktime, import_module(f"{COUNTRIES[country]}.worktime"))
