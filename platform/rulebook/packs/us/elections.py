"""Elections: what the worker has said on Form W-4 and its state kin, read once and checked."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
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
    fica_exempt: bool


def read(situation: Situation, faults: list[Fault]) -> Elections:
    """Read the elections; everything unreadable or contradictory is added to the faults."""
    said = situation.elections
    reader = _Reader(faults)
    engagement = str(said.get("engagement", "w2"))
    contractor = engagement == "1099"
    if engagement not in {"w2", "1099"}:
        reader.fault("engagement", "unknown_engagement", "An engagement is w2 or 1099.")
    form = said.get("w4")
    w4 = NO_W4 if form is None else reader.w4(reader.mapping(form, "w4"), situation.pay_on)
    if contractor and form is not None:
        reader.fault("w4", "w4_for_contractor", "A contractor files a W-9; a W-4 contradicts it.")
    states: dict[str, Claim] = {}
    certificates: set[str] = set()
    for code, certificate in reader.mapping(said.get("states") or {}, "states").items():
        told = reader.mapping(certificate, f"states.{code}")
        states[code] = reader.claim(told, f"states.{code}")
        if _certified(told.get("nonresident_certificate"), situation.pay_on):
            certificates.add(code)
    local = said.get("local") or ()
    orders = reader.mapping(said.get("orders") or {}, "orders")
    return Elections(
        None if contractor else w4,
        states,
        str(said.get("home") or ""),
        frozenset(certificates),
        str(said.get("unemployment_state") or ""),
        tuple(cast(tuple[Mapping[str, object], ...], local)),
        cast(Mapping[str, Mapping[str, object]], orders),
        said.get("fica_exempt") is True,
    )


def _certified(value: object, day: date) -> bool:
    """Whether a certificate of non-residence stands on a day; one with a day stands from then."""
    return value <= day if isinstance(value, date) else value is True


class _Reader:
    """Reads loose values and remembers everything that is wrong with them."""

    __slots__ = ("faults",)

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults

    def fault(self, where: str, code: str, says: str) -> None:
        self.faults.append((f"elections.{where}", code, says))

    def mapping(self, value: object, where: str) -> Mapping[str, object]:
        if isinstance(value, Mapping):
            return value
        self.fault(where, "not_a_table", "Named values are needed here.")
        return NOTHING_SAID

    def number(self, told: Mapping[str, object], key: str, where: str) -> Decimal:
        value = told.get(key)
        if value is None:
            return ZERO
        if type(value) is Decimal and value.is_finite() and value >= 0:
            return value
        try:
            number = Decimal(str(value)) if not isinstance(value, float | bool) else None
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite() or number < 0:
            self.fault(
                f"{where}.{key}", "not_an_amount", "An exact number, zero or more, is needed."
            )
            return ZERO
        return number

    def status(self, told: Mapping[str, object], where: str, default: str) -> str:
        value = told.get("status")
        if value is None:
            return default
        known = STATUS_NAMES.get(str(value))
        if known is None:
            says = f"{value} is not a filing status."
            self.fault(f"{where}.status", "unknown_status", says)
            return default
        return known

    def flag(self, told: Mapping[str, object], key: str, where: str) -> bool:
        value = told.get(key)
        if value is not None and value is not True and value is not False:
            self.fault(f"{where}.{key}", "not_yes_or_no", "True or false is needed.")
        return value is True

    def claim(self, told: Mapping[str, object], where: str) -> Claim:
        counts = {key: self.number(told, key, where) for key in told if key not in IN_WORDS}
        claim = Claim(
            self.status(told, where, NOT_SAID),
            self.number(told, "extra", where),
            self.flag(told, "exempt", where),
            counts,
            told,
        )
        if claim.exempt and claim.extra:
            says = "A worker exempt from a state's withholding cannot ask for more of it."
            self.fault(where, "certificate_contradicts_itself", says)
        return claim

    def w4(self, told: Mapping[str, object], day: date) -> W4:
        form = told.get("form", FIRST_FORM_WITH_STEPS)
        if not isinstance(form, int) or isinstance(form, bool):
            self.fault("w4.form", "unknown_form", "The year printed on the W-4 is needed.")
            form = FIRST_FORM_WITH_STEPS
        w4 = W4(
            form,
            self.status(told, "w4", "single"),
            self.flag(told, "multiple_jobs", "w4"),
            self.number(told, "dependents", "w4"),
            self.number(told, "other_income", "w4"),
            self.number(told, "deductions", "w4"),
            self.number(told, "allowances", "w4"),
            self.number(told, "extra", "w4"),
            self.flag(told, "exempt", "w4") and _exempt_still(told.get("exempt_year"), day),
            self.flag(told, "nonresident", "w4"),
        )
        self._contradictions(w4, told)
        return w4

    def _contradictions(self, w4: W4, told: Mapping[str, object]) -> None:
        steps = w4.multiple_jobs or w4.dependents or w4.other_income or w4.deductions
        contradicts = "w4_contradicts_itself"
        if told.get("exempt") is True and (steps or w4.allowances or w4.extra):
            says = "A W-4 that claims exemption has no other entries."
            self.fault("w4", contradicts, says)
        if w4.form >= FIRST_FORM_WITH_STEPS and w4.allowances:
            says = "A W-4 of 2020 or later has no allowances."
            self.fault("w4.allowances", contradicts, says)
        if w4.form < FIRST_FORM_WITH_STEPS and steps:
            says = "A W-4 of 2019 or earlier has no Steps 2 to 4."
            self.fault("w4", contradicts, says)
        if w4.form < FIRST_FORM_WITH_STEPS and w4.status == "head":
            says = "A W-4 of 2019 or earlier has no head of household."
            self.fault("w4.status", contradicts, says)


def _exempt_still(year: object, day: date) -> bool:
    """Whether a claim of exemption for a year still holds: until 15 February of the next one."""
    if not isinstance(year, int) or day.year <= year:
        return True
    last = law.table("w4.exempt_until", day)
    return day <= date(year + 1, int(last["month"]), int(last["day"]))
