"""Stepping: many records taken in side by side. Each goes on until it needs something done; what is
needed alike is then done for all of them as one set, and each goes on with its own outcome.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from backline.kernel.outcomes import Outcome

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ask:
    """Something to be done by an action that takes sets; two that are `alone` with the same are
    done one after the other.
    """

    deed: Callable[..., list[Outcome]]
    new: Any
    alone: Any = None


# What waits for another record's turn to end asks for nothing.
Steps = Generator[Ask | None, Outcome | None, T]


def done(deed: Callable[..., list[Outcome]], new: Any, *, alone: Any = None) -> Steps[Outcome]:
    """Have a thing done together with what others need alike; its own outcome."""
    outcome = yield Ask(deed, new, alone)
    if outcome is None:
        raise TypeError("A question is answered with its outcome.")
    return outcome


@dataclass(slots=True)
class _Running:
    """One of those that go side by side: what it asked for last, and what it came to."""

    steps: Steps[Any]
    asks: Ask | None = None
    done: bool = False
    result: Any = None

    def go(self, told: Outcome | None) -> None:
        """Go on to the next question, or to the end."""
        try:
            self.asks = self.steps.send(told)
        except StopIteration as end:
            self.done, self.asks, self.result = True, None, end.value


def side_by_side(some: Sequence[Steps[T]], **told: Any) -> list[T]:
    """Run these to their ends; `told` goes with every deed. Returns what each came to, in order."""
    running = [_Running(steps) for steps in some]
    left, asked = running, 0
    while left:
        for one in left:
            if one.asks is None:
                one.go(None)
        asked = _answer([one for one in left if one.asks is not None], told)
        before, left = len(left), [one for one in left if not one.done]
        if left and not asked and len(left) == before:
            raise RuntimeError("Records of a source wait for each other.")
    return [one.result for one in running]


def _answer(asking: Sequence[_Running], told: Any) -> int:
    """Do what was asked for, a deed at a time, and let those who asked go on; returns how many."""
    sets: dict[Any, dict[Any, _Running]] = {}
    for n, one in enumerate(asking):
        ask = one.asks
        assert ask is not None  # noqa: S101  # nobody else is handed in
        sets.setdefault(ask.deed, {}).setdefault(n if ask.alone is None else ask.alone, one)
    count = 0
    for deed, chosen in sets.items():
        some = list(chosen.values())
        outcomes = deed([one.asks.new for one in some if one.asks], **told)
        for one, outcome in zip(some, outcomes, strict=True):
            one.go(outcome)
        count += len(some)
    return count
