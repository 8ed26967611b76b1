"""Refusals: anticipated noes, each with a stable code and a sentence that says what to do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: a stable code, a sentence, and where (a JSON pointer) when it is in
    the input.
    """

    code: str
    detail: str
    pointer: str = ""
    facts: "MappingProxyType[str, Any]" = field(default_factory=lambda: MappingProxyType({}))


class Refusal(Exception):
    """A no that was foreseen; it lists every fault at once and changes nothing."""

    def __init__(self, code: str, detail: str = "", *, pointer: str = "", **facts: Any) -> None:
        self.faults: tuple[Fault, ...] = (Fault(code, detail, pointer, MappingProxyType(facts)),)
        super().__init__(detail or code)

    @classmethod
    def of(cls, faults: Sequence[Fault]) -> "Refusal":
        """Refuse for several reasons at once; the first one names the refusal."""
        refusal = cls(faults[0].code, faults[0].detail)
        refusal.faults = tuple(faults)
        return refusal

    @property
    def code(self) -> str:
        """The code of the first fault."""
        return self.faults[0].code

    @property
    def detail(self) -> str:
        """The sentence of the first fault."""
        return self.faults[0].detail


class Invalid(Refusal):
    """What was asked contradicts itself or the rules."""


class Missing(Refusal):
    """There is no such thing, or not for this firm; both are told alike."""


class Forbidden(Refusal):
    """The one who asks may not do this."""


class Conflict(Refusal):
    """Not in the state it is in now."""


def refuse_if(faults: Sequence[Fault], kind: type[Refusal] = Invalid) -> None:
    """Raise a refusal of this kind when there are faults; do nothing otherwise."""
    if faults:
        raise kind.of(faults)
