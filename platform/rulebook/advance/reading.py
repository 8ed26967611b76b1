"""Reading: funding terms from what was written down (JSON, TOML), naming every fault at once."""

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

from rulebook.advance.terms import (
    ADVANCED,
    DAILY,
    FACE,
    FLAT,
    FUNDS,
    NET,
    OUTSTANDING,
    PER_ITEM,
    REASONS,
    SERVICE,
    TIER,
    Fee,
    FundingTerms,
)
from rulebook.rates import ONE, Ref

KINDS = frozenset({FLAT, TIER, DAILY, SERVICE, PER_ITEM})
BASES = frozenset({FACE, NET, OUTSTANDING, ADVANCED, FUNDS})
SHARES = frozenset({"advance_share", "cross_age_share", "concentration_share", "cover_share"})
AMOUNTS = frozenset({"facility_limit", "reserves"})
DAYS = frozenset({"aged_after_invoice", "aged_after_due", "recourse_days"})
FEE_NUMBERS = frozenset({"share", "first_share", "vat_share"})
FEE_DAYS = frozenset({"first_days", "step_days", "basis", "clearance_days"})

Faults = list[tuple[str, str, str]]


class UnfitTerms(ValueError):
    """Terms that cannot be used; `faults` are (pointer, code, sentence), all of them."""

    def __init__(self, faults: tuple[tuple[str, str, str], ...]) -> None:
        self.faults = faults
        super().__init__(" ".join(sentence for _, _, sentence in faults))


def read_terms(version: Ref, facts: Mapping[str, Any]) -> FundingTerms:
    """Make terms of facts whose numbers are decimal strings; UnfitTerms with every fault.

    Keys are those of FundingTerms, `fees` a list of tables with the keys of Fee; what is left out
    has its ordinary value.
    """
    faults: Faults = []
    known = {field.name for field in fields(FundingTerms)} - {"version"}
    made: dict[str, Any] = {}
    for name, written in facts.items():
        pointer = f"/{name}"
        if name not in known:
            faults.append((pointer, "unknown_field", f"Funding terms have no {name}."))
        elif name == "fees":
            made[name] = tuple(_fee(fee, f"{pointer}/{n}", faults) for n, fee in enumerate(written))
        elif name == "class_shares":
            made[name] = MappingProxyType(
                {key: _share(what, f"{pointer}/{key}", faults) for key, what in written.items()}
            )
        else:
            made[name] = _term(name, written, pointer, faults)
    if "advance_share" not in facts:
        faults.append(("/advance_share", "required", "An advance share must be given."))
    if faults:
        raise UnfitTerms(tuple(faults))
    return FundingTerms(version=version, **made)


def _term(name: str, written: Any, pointer: str, faults: Faults) -> Any:
    if written is None and name not in ("advance_share", "cover_share", "reserves"):
        return None
    if name in SHARES:
        return _share(written, pointer, faults)
    if name in AMOUNTS:
        return _number(written, pointer, faults)
    if name in DAYS:
        return _days(written, pointer, faults)
    if name == "order":
        return _order(written, pointer, faults)
    if written not in (FACE, NET):
        faults.append((pointer, "unknown_base", "An advance is on face or on net."))
    return written


def _fee(written: Mapping[str, Any], pointer: str, faults: Faults) -> Fee | None:
    before = len(faults)
    known = {field.name for field in fields(Fee)}
    made: dict[str, Any] = {}
    for name, what in written.items():
        at = f"{pointer}/{name}"
        if name not in known:
            faults.append((at, "unknown_field", f"A fee has no {name}."))
        elif name in FEE_NUMBERS:
            made[name] = _number(what, at, faults)
        elif name in FEE_DAYS:
            made[name] = _days(what, at, faults)
        else:
            made[name] = what
    faults.extend(
        (f"{pointer}/{name}", "required", f"A fee needs its {name}.")
        for name in ("code", "kind", "share")
        if name not in written
    )
    if made.get("kind", FLAT) not in KINDS:
        faults.append((f"{pointer}/kind", "unknown_kind", f"{made['kind']} is not a kind of fee."))
    if made.get("base", FACE) not in BASES:
        faults.append((f"{pointer}/base", "unknown_base", f"{made['base']} is no base for a fee."))
    faults.extend(
        (f"{pointer}/{name}", "out_of_range", f"{name} must be at least one day.")
        for name in ("step_days", "basis")
        if made.get(name) == 0
    )
    return None if len(faults) > before else Fee(**made)


def _number(written: Any, pointer: str, faults: Faults) -> Decimal | None:
    """An exact number at or above zero, from a string (or an integer), never from a float."""
    if isinstance(written, (str, int, Decimal)) and not isinstance(written, bool):
        try:
            number = Decimal(written)
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite() and number >= 0:
            return number
    faults.append((pointer, "not_a_number", "This must be a decimal string at or above zero."))
    return None


def _share(written: Any, pointer: str, faults: Faults) -> Decimal | None:
    number = _number(written, pointer, faults)
    if number is not None and number > ONE:
        faults.append((pointer, "out_of_range", "A share is at most 1."))
        return None
    return number


def _days(written: Any, pointer: str, faults: Faults) -> int | None:
    number = _number(written, pointer, faults)
    if number is not None and number != int(number):
        faults.append((pointer, "not_whole_days", "Days are whole."))
        return None
    return None if number is None else int(number)


def _order(written: Any, pointer: str, faults: Faults) -> tuple[str, ...]:
    order = tuple(written)
    unknown = [reason for reason in order if reason not in REASONS]
    if unknown or len(set(order)) != len(order):
        sentence = "The order names known reasons, each once."
        faults.append((pointer, "unknown_reason", sentence))
    return order
