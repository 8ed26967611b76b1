"""Elections: what the worker has said on Form W-4 and its state kin, read once and checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import NamedTuple, cast

from rulebook.pack import Situation, as_kept, spelled
from rulebook.packs.us import law
from rulebook.packs.us.shapes import ZERO

Fault = tuple[str, str, str]
NOTHING_SAID: Mapping[str, object] = {}
NOTHING_COUNTED: Mapping[str, Decimal] = {}
IN_WORDS = frozenset(
    {
        "status",
        "exempt",
        "extra",
        "nonresident_certificate",
        "two_earners",
        "code",
        "county",
        "blind",
    }
)
STATUS_NAMES = {
    "single": "single",
    "married": "married",
    "married_jointly": "married",
    "mfj": "married",
    "qualifying_surviving_spouse": "married",
    "qss": "married",
    "married_separately": "separate",
    "mfs": "separate",
    "married_as_single": "single",
    "head_of_household": "head",
    "hoh": "head",
}
NOT_SAID = ""
FIRST_FORM_WITH_STEPS = 2020
NOT_A_TABLE = "Named values are needed here."


@dataclass(frozen=True, slots=True, eq=False)
class W4:
    """A federal W-4 as filed; amounts are for a year, except `extra`, which is for each pay.

    One object for all who filed alike, known by being the same, not by being equal.
    """

    form: int = FIRST_FORM_WITH_STEPS
    status: str = "single"
    multiple_jobs: bool = False
    dependents: Decimal = ZERO
    other_income: Decimal = ZERO
    deductions: Decimal = ZERO
    allowances: Decimal = ZERO
    extra: Decimal = ZERO
    exempt: bool = False
    nonresident: bool = False
    exempt_year: int | None = None


class Claim(NamedTuple):
    """A state's certificate: what was counted on it, and the whole of it as `told`."""

    status: str = NOT_SAID
    extra: Decimal = ZERO
    exempt: bool = False
    counts: Mapping[str, Decimal] = NOTHING_COUNTED
    told: Mapping[str, object] = NOTHING_SAID

    def counted(self, name: str) -> Decimal:
        """How many, or how much, was entered under a name; zero where nothing was."""
        return self.counts.get(name, ZERO)

    @property
    def allowances(self) -> Decimal:
        """The allowances or exemptions claimed."""
        return self.counts.get("allowances", ZERO)


# Without a valid W-4 the law says: single, no entries, Step 2 not checked (Pub 15 s.9).
NO_W4 = W4()


class Elections(NamedTuple):
    """All of a worker's elections; `w4` is None for a contractor, from whom nothing is withheld.

    `is_ordinary` says that nothing in them asks to be checked against where the work was done.
    """

    w4: W4 | None
    states: Mapping[str, Claim]
    home: str
    certificates: frozenset[str]
    unemployment: str
    local: tuple[Mapping[str, object], ...]
    orders: Mapping[str, Mapping[str, object]]
    workers_comp: Mapping[str, object]
    fica_exempt: bool
    is_ordinary: bool


NO_CERTIFICATES: frozenset[str] = frozenset()
NO_CLAIMS: Mapping[str, Claim] = {}
NO_ORDERS: Mapping[str, Mapping[str, object]] = {}
MOST_KEPT = 16384
_KEPT: dict[tuple[bytes, date], tuple[Elections, tuple[Fault, ...]]] = {}


def read(situation: Situation) -> tuple[Elections, tuple[Fault, ...]]:
    """Read the elections, and everything unreadable or contradictory in them.

    Read once for all workers who said the same, to the letter.
    """
    said, day = situation.elections, situation.pay_on
    key = spelled(said), day
    found = _KEPT.get(key)
    if found is None:
        if len(_KEPT) >= MOST_KEPT:
            _KEPT.clear()
        found = _KEPT[key] = _read(as_kept(said), day)
    return found


def _read(said: Mapping[str, object], day: date) -> tuple[Elections, tuple[Fault, ...]]:
    faults: list[Fault] = []
    form, certificates = said.get("w4"), said.get("states")
    w4: W4 | None = NO_W4
    if form is not None:
        w4 = _w4(form, day, faults)
    if "engagement" in said and _is_contractor(said, faults):
        w4 = None
    claims, certified = NO_CLAIMS, NO_CERTIFICATES
    if certificates:
        claims, certified = _claims(certificates, day, faults)
    home = cast(str, said.get("home") or "")
    beside = ("local", "workers_comp", "unemployment_state")
    told = Elections(
        w4,
        claims,
        home,
        certified,
        cast(str, said.get("unemployment_state") or ""),
        cast("tuple[Mapping[str, object], ...]", said.get("local") or ()),
        cast("Mapping[str, Mapping[str, object]]", said.get("orders") or NO_ORDERS),
        cast("Mapping[str, object]", said.get("workers_comp") or NOTHING_SAID),
        said.get("fica_exempt") is True,
        not (faults or home or certified or w4 is None or any(map(said.get, beside))),
    )
    return told, tuple(faults)


def _is_contractor(said: Mapping[str, object], faults: list[Fault]) -> bool:
    engagement = str(said["engagement"])
    if engagement not in {"w2", "1099"}:
        says = "An engagement is w2 or 1099."
        faults.append(("elections.engagement", "unknown_engagement", says))
    if engagement == "1099" and said.get("w4") is not None:
        says = "A contractor files a W-9; a W-4 contradicts it."
        faults.append(("elections.w4", "w4_for_contractor", says))
    return engagement == "1099"


def _claims(
    certificates: object, day: date, faults: list[Fault]
) -> tuple[Mapping[str, Claim], frozenset[str]]:
    if not isinstance(certificates, Mapping):
        faults.append(("elections.states", "not_a_table", NOT_A_TABLE))
        return NO_CLAIMS, NO_CERTIFICATES
    claims: dict[str, Claim] = {}
    certified = NO_CERTIFICATES
    for state, told in certificates.items():
        claim = _claim(told, f"states.{state}", faults)
        claims[state] = claim
        try:
            if _certified(claim.told.get("nonresident_certificate"), day):
                certified |= {state}
        except ValueError:
            where = f"elections.states.{state}.nonresident_certificate"
            faults.append((where, "not_a_day", "True, or the day it stands from, is needed."))
    return claims, certified


def _certified(value: object, day: date) -> bool:
    """Whether a certificate of non-residence stands on a day; one with a day stands from then."""
    if isinstance(value, str):
        value = date.fromisoformat(value)
    return value <= day if isinstance(value, date) else value is True


class _Reader:
    """Reads loose values of one form and remembers everything that is wrong with them."""

    __slots__ = ("faults", "told", "where")

    def __init__(self, told: object, where: str, faults: list[Fault]) -> None:
        self.told: Mapping[str, object] = NOTHING_SAID
        self.where, self.faults = where, faults
        if isinstance(told, Mapping):
            self.told = told
        else:
            self.fault("", "not_a_table", NOT_A_TABLE)

    def fault(self, key: str, code: str, says: str) -> None:
        where = f"{self.where}.{key}" if key else self.where
        self.faults.append((f"elections.{where}", code, says))

    def number(self, key: str) -> Decimal:
        value = self.told.get(key)
        if value is None:
            return ZERO
        try:
            number = Decimal(str(value)) if not isinstance(value, float | bool) else None
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite() or number < 0:
            self.fault(key, "not_an_amount", "An exact number, zero or more, is needed.")
            return ZERO
        return number

    def status(self, default: str) -> str:
        value = self.told.get("status")
        if value is None:
            return default
        known = STATUS_NAMES.get(str(value))
        if known is None:
            self.fault("status", "unknown_status", f"{value} is not a filing status.")
            return default
        return known

    def flag(self, key: str) -> bool:
        value = self.told.get(key)
        if value is not None and value is not True and value is not False:
            self.fault(key, "not_yes_or_no", "True or false is needed.")
        return value is True

    def whole(self, key: str) -> int | None:
        value = self.told.get(key)
        if value is None or str(value).isdecimal():
            return None if value is None else int(str(value))
        self.fault(key, "not_a_year", "A year is needed.")
        return None


def _claim(said: object, where: str, faults: list[Fault]) -> Claim:
    form = _Reader(said, where, faults)
    told = form.told
    counts = {key: form.number(key) for key in told if key not in IN_WORDS}
    status, extra = form.status(NOT_SAID), form.number("extra")
    claim = Claim(status, extra, form.flag("exempt"), counts, told)
    if claim.exempt and claim.extra:
        says = "A worker exempt from a state's withholding cannot ask for more of it."
        form.fault("", "certificate_contradicts_itself", says)
    return claim


def _w4(said: object, day: date, faults: list[Fault]) -> W4:
    form = _Reader(said, "w4", faults)
    exempt_year = form.whole("exempt_year")
    w4 = W4(
        form.whole("form") or FIRST_FORM_WITH_STEPS,
        form.status("single"),
        form.flag("multiple_jobs"),
        form.number("dependents"),
        form.number("other_income"),
        form.number("deductions"),
        form.number("allowances"),
        form.number("extra"),
        form.flag("exempt") and _exempt_still(exempt_year, day),
        form.flag("nonresident"),
        exempt_year,
    )
    _contradictions(w4, form)
    return w4


def _contradictions(w4: W4, form: _Reader) -> None:
    steps = w4.multiple_jobs or w4.dependents or w4.other_income or w4.deductions
    contradicts = "w4_contradicts_itself"
    if form.told.get("exempt") is True and (steps or w4.allowances or w4.extra):
        form.fault("", contradicts, "A W-4 that claims exemption has no other entries.")
    if w4.form >= FIRST_FORM_WITH_STEPS and w4.allowances:
        form.fault("allowances", contradicts, "A W-4 of 2020 or later has no allowances.")
    if w4.form < FIRST_FORM_WITH_STEPS and steps:
        form.fault("", contradicts, "A W-4 of 2019 or earlier has no Steps 2 to 4.")
    if w4.form < FIRST_FORM_WITH_STEPS and w4.status == "head":
        form.fault("status", contradicts, "A W-4 of 2019 or earlier has no head of household.")


def _exempt_still(year: int | None, day: date) -> bool:
    """Whether a claim of exemption for a year still holds: until 15 February of the next one."""
    if year is None or day.year <= year:
        return True
    last = law.table("w4.exempt_until", day)
    return day <= date(year + 1, int(last["month"]), int(last["day"]))
