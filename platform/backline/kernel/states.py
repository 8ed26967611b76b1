"""States: the legal moves of a document are a table beside its model; this is the one way to
move.
"""

from collections.abc import Mapping

from backline.kernel.errors import Conflict, Refusal

Moves = Mapping[str, frozenset[str]]


def refused(status: str, to: str, moves: Moves, noun: str) -> Refusal | None:
    """The refusal of an illegal move, or None when the move is legal."""
    if to in moves.get(status, frozenset()):
        return None
    allowed = sorted(moves.get(status, frozenset()))
    then = f"it can become {', '.join(allowed)}" if allowed else "it is final"
    return Conflict(
        "illegal_move",
        f"A {noun} that is {_said(status)} cannot become {_said(to)}; {then}.",
        status=status,
        allowed=allowed,
    )


def must_move(status: str, to: str, moves: Moves, noun: str) -> str:
    """Return the new status; raises Conflict when the move is not in the table."""
    refusal = refused(status, to, moves, noun)
    if refusal is not None:
        raise refusal
    return to


def _said(status: str) -> str:
    return status.replace("_", " ")
