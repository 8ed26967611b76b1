"""Pay deeds: what this person may do now to a pay run, or why not; and the doing of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from api.pages import look
from api.pages.frame import Visitor
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict
from backline.payroll import actions, deadlines, queries
from backline.payroll.models import PayRun
from tenants.access import roles

Act = Callable[["Asked"], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A deed on a run as a form asked for it: with the figures that were seen, and the words."""

    run: UUID
    seen: str
    reason: str
    actor: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that can be done to a pay run."""

    scope: str
    act: Act
    needs_reason: bool = False

    @property
    def needs_code(self) -> bool:
        """Whether it takes a fresh factor."""
        return roles.needs_fresh(self.scope)


def _calculate(asked: Asked) -> object:
    return actions.calculate(asked.run, actor=asked.actor, at=asked.at)


def _submit(asked: Asked) -> object:
    _must_be_seen(asked)
    return actions.submit(asked.run, actor=asked.actor, at=asked.at)


def _approve(asked: Asked) -> object:
    _must_be_seen(asked)
    return actions.approve(asked.run, digest=asked.seen, actor=asked.actor, at=asked.at)


def _reject(asked: Asked) -> object:
    return actions.reject(asked.run, reason=asked.reason, actor=asked.actor, at=asked.at)


def _withdraw(asked: Asked) -> object:
    return actions.withdraw(asked.run, reason=asked.reason, actor=asked.actor, at=asked.at)


def _release(asked: Asked) -> object:
    _must_be_seen(asked)
    return actions.release(asked.run, actor=asked.actor, at=asked.at)


DEEDS: Final[Mapping[str, Deed]] = {
    "calculate": Deed("pay_runs:write", _calculate),
    "submit": Deed("pay_runs:write", _submit),
    "approve": Deed("pay_runs:approve", _approve),
    "reject": Deed("pay_runs:approve", _reject, needs_reason=True),
    "withdraw": Deed("pay_runs:approve", _withdraw, needs_reason=True),
    "release": Deed("pay_runs:release", _release),
}


def _must_be_seen(asked: Asked) -> None:
    """Refuse figures other than those the page showed; the row is locked until the deed is done."""
    row = PayRun.objects.select_for_update().filter(pk=asked.run).first()
    if row is not None and row.digest != asked.seen:
        raise Conflict(
            "figures_changed", "These are not the figures that you were shown; look again."
        )


def offered(visitor: Visitor, run: PayRun) -> dict[str, Any]:
    """The main deed of this person with a run, a second one beside it, or why there is none."""
    allowed = [name for name in deadlines.allowed(run.state, run.kind) if name in DEEDS]
    may = [name for name in allowed if visitor.holds(DEEDS[name].scope)]
    why_not = _why_not(visitor, run, allowed, may)
    if why_not or not may:
        return {"deed": None, "other": None, "why_not": why_not}
    first, *others = may
    other = others[0] if others else None
    return {
        "deed": _told(first, run),
        "other": _told(other, run) if other else None,
        "why_not": "",
    }


def _told(name: str, run: PayRun) -> dict[str, Any]:
    label, says = _words(name, run)
    deed = DEEDS[name]
    return {
        "name": name,
        "label": label,
        "says": says,
        "needs_code": deed.needs_code,
        "needs_reason": deed.needs_reason,
    }


def _words(name: str, run: PayRun) -> tuple[str, str]:
    net = look.money(run.net, run.currency)
    again = "again" if run.prepared_at else ""
    return {
        "calculate": (
            f"Work it out {again}".strip(),
            "Every payslip is worked out with what is known now; nothing is paid yet.",
        ),
        "submit": ("Hand in for approval", "Another person is asked to agree to these figures."),
        "approve": (
            "Approve this pay run",
            "You agree to exactly these figures. Somebody else releases the money.",
        ),
        "reject": ("Send it back", "It goes back to whoever prepared it, with the reason."),
        "withdraw": ("Take the approval back", "Before the money leaves, and with the reason."),
        "release": (
            f"Release {net}",
            "Payslips become final, the bank file is made, and the money leaves once and for all.",
        ),
    }[name]


def _why_not(visitor: Visitor, run: PayRun, allowed: list[str], may: list[str]) -> str:
    """Why this person may do nothing now, in one sentence; empty where they may."""
    own = visitor.credential.actor.id
    if not allowed:
        return (
            "It is done."
            if run.state not in {"cancelled", "releasing"}
            else "Nothing is left to do."
        )
    if "approve" in allowed and own == run.prepared_by:
        return "You prepared this pay run, so another person approves it."
    if "release" in may:
        if own == run.approved_by:
            return "You approved this pay run, so another person releases it."
        if own == run.prepared_by and not queries.preparer_may_release():
            return "You prepared this pay run, so another person releases it."
    if may:
        return ""
    return {
        "approve": "It waits for the owner's approval.",
        "release": "It is approved and waits to be released.",
        "submit": "It waits to be handed in by whoever prepares pay.",
    }.get(allowed[0], "It waits for whoever prepares pay.")
