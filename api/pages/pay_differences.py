"""Pay differences: a run beside the one before: who is new, gone, paid elsewhere, much changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, Sum

from api.pages import look, wording
from api.pages.wording import MINUS, NONE
from backline.payroll.models import PayLine, PayRun, Payslip

NOTHING: Final = Decimal("0.00")
MUCH: Final = Decimal("0.5")  # half as much again, or half as little
MOST: Final = 12
SEVERAL: Final = 5  # so many of a kind are told as one
DONE: Final = ("released", "settled", "partly_paid")
TOLD: Final = ("first", "account", "gone", "much")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One payslip of a run, with what the same worker was paid before."""

    slip: Payslip
    worked: Mapping[str, Decimal]
    before: Payslip | None
    last_time: Decimal | None

    @property
    def name(self) -> str:
        """Who is paid."""
        return f"{self.slip.worker.given_name} {self.slip.worker.family_name}"

    @property
    def moved(self) -> Decimal:
        """By how much net pay differs from last time; all of it for who was not paid then."""
        net: Decimal = self.slip.net
        return net - (self.last_time or NOTHING)

    @property
    def has_new_account(self) -> bool:
        """Whether the money goes elsewhere than before."""
        return self.before is not None and self.before.bank_account_id != self.slip.bank_account_id

    @property
    def share(self) -> Decimal | None:
        """By what share gross pay moved since the worker's last payslip."""
        if self.before is None or self.before.gross <= 0:
            return None
        gross: Decimal = self.slip.gross
        before: Decimal = self.before.gross
        return gross / before - 1


def previous(run: PayRun) -> PayRun | None:
    """The regular run of the same calendar that was paid before."""
    rows = PayRun.objects.filter(
        calendar=run.calendar_id, kind="regular", state__in=DONE, starts_on__lt=run.starts_on
    )
    return rows.order_by("-starts_on").first()


def lines(run: PayRun, last: PayRun | None) -> list[Line]:
    """Every payslip of a run, those that differ most first; five queries for all of them."""
    slips = list(
        Payslip.objects.filter(run=run)
        .select_related("worker", "intermediary", "bank_account")
        .order_by("worker__family_name", "worker__given_name", "id")
    )
    workers = {slip.worker_id for slip in slips}
    before = {
        (slip.worker_id, slip.intermediary_id): slip
        for slip in Payslip.objects.filter(
            worker__in=workers, run__is_final=True, voids__isnull=True, pay_on__lt=run.pay_on
        )
        .order_by("worker_id", "intermediary_id", "-pay_on", "-id")
        .distinct("worker_id", "intermediary_id")
    }
    paid: dict[tuple[UUID, UUID | None], Decimal] = {
        (worker, company): net
        for worker, company, net in Payslip.objects.filter(run=last)
        .values_list("worker_id", "intermediary_id")
        .annotate(net=Sum("net"))
        if last is not None
    }
    worked = _worked(run)
    found = [
        Line(
            slip=slip,
            worked=worked.get(slip.pk, {}),
            before=before.get((slip.worker_id, slip.intermediary_id)),
            last_time=paid.get((slip.worker_id, slip.intermediary_id)),
        )
        for slip in slips
    ]
    return sorted(found, key=lambda line: abs(line.moved), reverse=True)


def _worked(run: PayRun) -> dict[UUID, dict[str, Decimal]]:
    """What each payslip pays for, as hours and days; money beside them is no work."""
    rows = (
        PayLine.objects.filter(payslip__run=run, charge__unit__in=("hour", "day"))
        .exclude(Q(charge__code="premium") | Q(charge__code="holiday"))
        .values_list("payslip_id", "charge__unit")
        .annotate(quantity=Sum("charge__pay_quantity"))
    )
    found: dict[UUID, dict[str, Decimal]] = {}
    for slip, unit, quantity in rows:
        found.setdefault(slip, {})[unit] = quantity or NOTHING
    return found


def worked(line: Line) -> str:
    """The work of a payslip in few letters."""
    told = []
    if "hour" in line.worked:
        told.append(f"{wording.hours(line.worked['hour'])} h")
    if "day" in line.worked:
        told.append(wording.units(line.worked["day"], "day"))
    return ", ".join(told) or NONE


def changes(run: PayRun, every: Sequence[Line], last: PayRun | None) -> list[dict[str, Any]]:
    """What a second person looks at before agreeing: new payees, accounts, leavers, big moves."""
    by_kind: dict[str, list[dict[str, Any]]] = {kind: [] for kind in TOLD}
    for line in every:
        own = _of(line)
        if own is not None:
            by_kind[own.pop("kind")].append(own)
    by_kind["gone"] = [_gone(slip) for slip in _leavers(every, last)]
    found: list[dict[str, Any]] = []
    for kind in TOLD:
        own_kind = by_kind[kind]
        one_for_all = len(own_kind) > SEVERAL
        found += [_together(kind, own_kind, run.currency)] if one_for_all else own_kind
    return found[:MOST]


def _of(line: Line) -> dict[str, Any] | None:
    told = {"what": line.name, "amount": _net(line.slip)}
    amount = line.slip.net
    if line.before is None:
        chip = look.chip("running", "New")
        return told | {"kind": "first", "sub": "first payment", "chip": chip, "net": amount}
    if line.has_new_account:
        who = ((line.slip.bank_account.decided_by or {}) if line.slip.bank_account else {}).get(
            "name"
        )
        sub = f"new bank account, approved by {who}" if who else "new bank account"
        chip = look.chip("due", "Account")
        return told | {"kind": "account", "sub": sub, "chip": chip, "net": amount}
    if line.share is not None and abs(line.share) >= MUCH:
        sign = "+" if line.share > 0 else MINUS
        chip = look.chip("due", f"{sign}{abs(line.share) * 100:.0f}%")
        sub = f"gross {look.money(line.slip.gross, line.slip.currency)}"
        return told | {
            "kind": "much",
            "sub": f"{sub}, unlike last time",
            "chip": chip,
            "net": amount,
        }
    return None


def _leavers(every: Sequence[Line], last: PayRun | None) -> list[Payslip]:
    if last is None:
        return []
    here = {line.slip.worker_id for line in every}
    rows = Payslip.objects.filter(run=last, voids__isnull=True).select_related("worker")
    return [slip for slip in rows.order_by("id") if slip.worker_id not in here]


def _gone(slip: Payslip) -> dict[str, Any]:
    return {
        "what": f"{slip.worker.given_name} {slip.worker.family_name}",
        "sub": f"paid {_net(slip)} last time",
        "chip": look.chip("draft", "Not this time"),
        "amount": "",
        "net": NOTHING,
    }


def _together(kind: str, own: Sequence[Mapping[str, Any]], currency: str) -> dict[str, Any]:
    """Many of a kind as one line."""
    count = len(own)
    net = sum((one["net"] for one in own), NOTHING)
    words = {
        "first": (f"{count} people for the first time", look.chip("running", "New")),
        "account": (f"{count} people to new accounts", look.chip("due", "Accounts")),
        "gone": (f"{count} people not this time", look.chip("draft", "Not this time")),
        "much": (f"{count} people by half or more", look.chip("due", "Changed")),
    }
    what, chip = words[kind]
    names = ", ".join(str(one["what"]) for one in own[:3])
    return {
        "what": what,
        "sub": f"{names} and {count - 3} others",
        "chip": chip,
        "amount": look.money(net, currency) if net else "",
    }


def _net(slip: Payslip) -> str:
    return look.money(slip.net, slip.currency)
