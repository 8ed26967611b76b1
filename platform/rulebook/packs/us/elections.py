"""Elections: what the worker has said on Form W-4 and its state kin, read once and checked."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple, cast

from rulebook.pack import Situation
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


class W4(NamedTuple):
    """A federal W-4 as filed; amounts are for a year, except `extra`, which is for each pay."""

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
    """All of a worker's elections; `w4` is None for a contractor, from whom nothing is withheld."""

    w4: W4 | None
    states: Mapping[str, Claim]
    home: str
    certificates: frozenset[str]
    unemployment: str
    local: tuple[Mapping[str, object], ...]
    orders: Mapping[str, Mapping[str, object]]
    workers_comp: Mapping[str, object]
    fica_exempt: bool


NO_CERTIFICATES: frozenset[str] = frozenset()
NO_CLAIMS: Mapping[str, Claim] = {}
NO_ORDERS: Mapping[str, Mapping[str, object]] = {}


def read(situation: Situation, faults: list[Fault]) -> Elections:
    """Read the elections; everything unreadable or contradictory is added to the faults."""
    said = situation.elections
    form, certificates = said.get("w4"), said.get("states")
    w4: W4 | None = NO_W4
    if form is not None:
        w4 = cast(W4, _read_form(_w4, form, "w4", situation.pay_on, faults))
    if "engagement" in said and _is_contractor(said, faults):
        w4 = None
    claims, certified = NO_CLAIMS, NO_CERTIFICATES
    if certificates:
        claims, certified = _claims(certificates, situation.pay_on, faults)
    return Elections(
        w4,
        claims,
        cast(str, said.get("home") or ""),
        certified,
        cast(str, said.get("unemployment_state") or ""),
        cast("tuple[Mapping[str, object], ...]", said.get("local") or ()),
        cast("Mapping[str, Mapping[str, object]]", said.get("orders") or NO_ORDERS),
        cast("Mapping[str, object]", said.get("workers_comp") or NOTHING_SAID),
        said.get("fica_exempt") is True,
    )


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
        claim = cast(Claim, _read_form(_claim, told, f"states.{state}", day, faults))
        claims[state] = claim
        try:
            if _certified(claim.told.get("nonresident_certificate"), day):
                certified |= {state}
        except ValueError:
            where = f"elections.states.{state}.nonresident_certificate"
            faults.append((where, "not_a_day", "True, or the day it stands from, is needed."))
    return claims, certified


Read = tuple["W4 | Claim", tuple[Fault, ...]]
Reading = Callable[[Mapping[str, object], str, date], Read]


def _read_form(
    reading: Reading, told: object, where: str, day: date, faults: list[Fault]
) -> W4 | Claim:
    """Read a form once for all workers who filled it in alike."""
    if not isinstance(told, Mapping):
        faults.append((f"elections.{where}", "not_a_table", NOT_A_TABLE))
        told = NOTHING_SAID
    try:
        # The types too: 1, True and Decimal(1) are equal, and only one of them answers yes or no.
        kinds = tuple(map(type, told.values()))
        form, found = _once(reading, tuple(told.items()), kinds, where, day)
    except TypeError:
        form, found = reading(told, where, day)
    if found:
        faults.extend(found)
    return form


@lru_cache(maxsize=16384)
def _once(
    reading: Reading,
    items: tuple[tuple[str, object], ...],
    kinds: tuple[type, ...],  # noqa: ARG001 - part of the key alone
    where: str,
    day: date,
) -> Read:
    return reading(dict(items), where, day)


def _certified(value: object, day: date) -> bool:
    """Whether a certificate of non-residence stands on a day; one with a day stands from then."""
    if isinstance(value, str):
        value = date.fromisoformat(value)
    return value <= day if isinstance(value, date) else value is True


class _Reader:
    """Reads loose values of one form and remembers everything that is wrong with them."""

    __slots__ = ("faults", "told", "where")

    def __init__(self, told: Mapping[str, object], where: str) -> None:
        self.told, self.where = told, where
        self.faults: list[Fault] = []

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


def _claim(told: Mapping[str, object], where: str, _day: date) -> Read:
    form = _Reader(told, where)
    counts = {key: form.number(key) for key in told if key not in IN_WORDS}
    status, extra = form.status(NOT_SAID), form.number("extra")
    claim = Claim(status, extra, form.flag("exempt"), counts, told)
    if claim.exempt and claim.extra:
        says = "A worker exempt from a state's withholding cannot ask for more of it."
        form.fault("", "certificate_contradicts_itself", says)
    return claim, tuple(form.faults)


def _w4(told: Mapping[str, object], where: str, day: date) -> Read:
    form = _Reader(told, where)
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
    return w4, tuple(form.faults)


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
