"""Facts: what may be told of a worker or a firm, by name and kind; all else is a fault.

{"tax_code": TEXT, "director": {"method": TEXT}}   and what is told: {"tax_cod": "1257L"}
elections.tax_cod    unknown_fact    There is no fact called 'tax_cod' here.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple, TypeAlias

Fault: TypeAlias = tuple[str, str, str]
LONGEST = 200
LARGEST = Decimal(10) ** 12
FINEST = -12


class Fact(NamedTuple):
    """One value: its fault's code, what is needed in words, and whether something is that.

    `words` are all there are, where it is one of a known few.
    """

    code: str
    needs: str
    fits: Callable[[object], bool]
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Each:
    """A table of any names with values of one kind; `but` are names of another kind."""

    kind: "Kind"
    but: "Names" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Several:
    """A list, each of its members of one kind."""

    kind: "Kind"


@dataclass(frozen=True, slots=True)
class Either:
    """One value, or what else may stand in its place."""

    value: Fact
    other: "Kind"


Names: TypeAlias = Mapping[str, "Kind"]
Kind: TypeAlias = "Fact | Each | Several | Either | Names"


def faults(told: object, kind: Kind, where: str) -> Iterator[Fault]:
    """Everything in what was told that is not known by its name, or not of its kind.

    What is null was not told.
    """
    if told is None:
        return
    if isinstance(kind, Fact):
        if not kind.fits(told):
            yield where, kind.code, kind.needs
    elif isinstance(kind, Either):
        yield from faults(told, kind.other if _is_other(told, kind) else kind.value, where)
    elif isinstance(kind, Several):
        yield from _of_list(told, kind, where)
    else:
        yield from _of_table(told, kind, where)


def said(told: Mapping[str, object]) -> Mapping[str, object]:
    """The same without what is null; the very same where nothing is."""
    found: Mapping[str, object] = _said(told)
    return found


def _said(told: Any) -> Any:
    if isinstance(told, Mapping):
        kept = {name: _said(one) for name, one in told.items() if one is not None}
        is_same = len(kept) == len(told) and all(kept[name] is told[name] for name in kept)
        return told if is_same else kept
    if isinstance(told, list):
        members = [_said(one) for one in told]
        is_same = all(new is old for new, old in zip(members, told, strict=True))
        return told if is_same else members
    return told


def _of_list(told: object, kind: Several, where: str) -> Iterator[Fault]:
    if isinstance(told, list | tuple):
        for n, one in enumerate(told):
            if one is None:
                yield f"{where}.{n}", "missing", "A member of a list is never null."
            yield from faults(one, kind.kind, f"{where}.{n}")
    else:
        yield where, "not_a_list", "A list is needed here."


def _of_table(told: object, kind: "Each | Names", where: str) -> Iterator[Fault]:
    if not isinstance(told, Mapping):
        yield where, "not_a_table", "Named values are needed here."
        return
    for name, one in told.items():
        inner = _of(kind, name)
        if inner is None:
            says = f"There is no fact called {str(name)[:60]!r} here."
            yield f"{where}.{name}", "unknown_fact", says
        else:
            yield from faults(one, inner, f"{where}.{name}")


def _of(kind: "Each | Names", name: str) -> "Kind | None":
    if isinstance(kind, Each):
        return kind.but.get(name, kind.kind)
    return kind.get(name)


def _is_other(told: object, kind: Either) -> bool:
    if isinstance(kind.other, Fact):
        return not kind.value.fits(told) and kind.other.fits(told)
    return isinstance(told, Mapping)


def _number(value: object) -> Decimal | None:
    """A plain exact number of a size that money has; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    if isinstance(value, str) and (not value.isascii() or len(value) > LONGEST):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    if not number.is_finite() or number.adjusted() < FINEST or abs(number) > LARGEST:
        return None
    return number


def _is_number(value: object) -> bool:
    number = _number(value)
    return number is not None and number >= 0


def _is_share(value: object) -> bool:
    number = _number(value)
    return number is not None and 0 <= number <= 1


def _is_count(value: object) -> bool:
    return isinstance(value, int) and _is_whole(value)


def _is_whole(value: object) -> bool:
    number = _number(value)
    return number is not None and number >= 0 and str(value).isdecimal()


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST


def _is_day(value: object) -> bool:
    if not isinstance(value, str):
        return isinstance(value, date)
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def one_of(*words: str, code: str = "unknown_choice") -> Fact:
    """One word of a known few."""
    known = frozenset(words)
    needs = f"One of these is needed: {', '.join(words)}."
    return Fact(code, needs, lambda value: isinstance(value, str) and value in known, words)


TEXT = Fact("not_a_string", "Words are needed here.", _is_text)
FLAG = Fact("not_a_flag", "True or false is needed here.", _is_flag)
NUMBER = Fact(
    "not_an_amount", 'An exact number, zero or more, such as "12.50" is needed.', _is_number
)
SHARE = Fact("not_a_share", 'An exact share from 0 to 1, such as "0.027", is needed.', _is_share)
WHOLE = Fact("not_a_whole_number", "A whole number, zero or more, is needed here.", _is_whole)
COUNT = Fact("not_a_whole_number", "A whole number, not in quotes, is needed here.", _is_count)
DAY = Fact("not_a_day", "A day such as 2026-04-06 is needed here.", _is_day)
