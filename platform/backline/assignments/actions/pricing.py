"""Rates: agreed for both sides at once, from a day, as a new version; what was priced is
corrected by charges.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from backline.assignments.events import RatesAgreed
from backline.assignments.models import Assignment, Rate, RateAgreement
from backline.desk import actions as desk
from backline.kernel import dated
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict, Fault, Missing, refuse_if
from backline.kernel.events import record

UNITS = ("hour", "day", "unit")
DAY = timedelta(days=1)
FOUR_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class NewRate:
    """The price of one unit of one kind of work, four places; one side may be left out."""

    code: str
    pay_rate: Decimal | None
    bill_rate: Decimal | None
    unit: str = "hour"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRates:
    """What an assignment pays and bills from a day, both sides together."""

    since: date
    rates: Sequence[NewRate]
    pay_currency: str
    bill_currency: str
    overtime_billed: bool = True
    reason: str = ""

    def faults(self, where: str = "/rates") -> list[Fault]:
        """Everything that is wrong with it."""
        faults = []
        codes = [rate.code for rate in self.rates]
        if "regular" not in codes:
            faults.append(Fault("regular_rate_missing", "Agree a rate called regular.", where))
        for n, rate in enumerate(self.rates):
            here = f"{where}/{n}"
            if not rate.code.strip() or rate.unit not in UNITS:
                told = f"Name the work, and its unit: {', '.join(UNITS)}."
                faults.append(Fault("unit_unknown", told, f"{here}/unit"))
            if codes.index(rate.code) != n:
                faults.append(Fault("rate_twice", f"{rate.code} is agreed twice.", f"{here}/code"))
            if rate.pay_rate is None and rate.bill_rate is None:
                faults.append(Fault("rate_empty", "Agree a pay rate, a bill rate or both.", here))
            for side, price in (("pay_rate", rate.pay_rate), ("bill_rate", rate.bill_rate)):
                if price is not None and price < 0:
                    faults.append(
                        Fault("rate_negative", "A rate is not negative.", f"{here}/{side}")
                    )
        return faults


def agree_rates(assignment: UUID, new: NewRates, *, actor: Actor, at: datetime) -> RateAgreement:
    """Agree rates from a day as the next version; what began before ends there, later versions
    stay.

    Rates from the very day of an earlier version replace it: that one is withdrawn and kept. A
    change of one side alone opens an exception with its effect on an hour, for the owner to
    confirm; it closes when the other side follows from the same day.
    """
    refuse_if(new.faults())
    row = Assignment.objects.select_for_update().filter(pk=assignment).first()
    if row is None:
        raise Missing("not_found", "There is no such assignment.")
    if row.status == Assignment.Status.CANCELLED:
        raise Conflict("illegal_move", "A cancelled assignment is final.", status=row.status)
    before = agreed_on(assignment, new.since)
    earlier = agreed_on(assignment, new.since - DAY)
    standing = RateAgreement.objects.filter(assignment_id=assignment, withdrawn=False)
    twin = standing.select_for_update().filter(valid__startswith=new.since).first()
    until = dated.replace(standing, new.since)
    newest = RateAgreement.objects.filter(assignment_id=assignment).order_by("-version").first()
    agreement = _write(
        assignment,
        new,
        version=newest.version + 1 if newest else 1,
        until=until,
        supersedes=twin,
        actor=actor,
        at=at,
    )
    fact = RatesAgreed(
        subject=assignment,
        version=agreement.version,
        since=new.since.isoformat(),
        until=until.isoformat() if until else "",
        changes={"rates": [before, _sides(new.rates)]},
        reason=new.reason,
    )
    record([fact], actor=actor, at=at)
    if earlier:
        _watch_one_sided(row, earlier, new, actor, at)
    return agreement


def _write(
    assignment: UUID,
    new: NewRates,
    *,
    version: int,
    until: date | None,
    supersedes: RateAgreement | None,
    actor: Actor,
    at: datetime,
) -> RateAgreement:
    """Write one version of an agreement with its rates."""
    agreement = RateAgreement.objects.create(
        assignment_id=assignment,
        version=version,
        valid=dated.since(new.since, until),
        pay_currency=new.pay_currency,
        bill_currency=new.bill_currency,
        overtime_billed=new.overtime_billed,
        reason=new.reason[:200],
        agreed_at=at,
        agreed_by=actor.as_json(),
        supersedes=supersedes,
    )
    Rate.objects.bulk_create(
        Rate(
            agreement=agreement,
            code=rate.code,
            unit=rate.unit,
            pay_rate=rate.pay_rate,
            bill_rate=rate.bill_rate,
        )
        for rate in new.rates
    )
    return agreement


def agreed_on(assignment: UUID, day: date) -> dict[str, dict[str, Any]]:
    """The rates in force on a day, as events tell them; empty when none are."""
    rows = Rate.objects.filter(
        agreement__assignment_id=assignment,
        agreement__withdrawn=False,
        agreement__valid__contains=day,
    )
    return _sides([NewRate(row.code, row.pay_rate, row.bill_rate, row.unit) for row in rows])


def _sides(rates: Sequence[NewRate]) -> dict[str, dict[str, Any]]:
    return {
        rate.code: {"pay_rate": _told(rate.pay_rate), "bill_rate": _told(rate.bill_rate)}
        for rate in sorted(rates, key=lambda rate: rate.code)
    }


def _told(price: Decimal | None) -> str | None:
    return None if price is None else str(price.quantize(FOUR_PLACES))


def _watch_one_sided(
    row: Assignment, before: dict[str, dict[str, Any]], new: NewRates, actor: Actor, at: datetime
) -> None:
    key = f"one_sided_rate_change:{row.pk}:{new.since.isoformat()}"
    effects = _one_sided(before, _sides(new.rates))
    if not effects:
        told = "Both sides changed, or neither."
        desk.close_for([key], resolution=told, actor=actor, at=at)
        return
    moved = effects[0]["moved"]
    other = "bill" if moved == "pay" else "pay"
    same = new.pay_currency == new.bill_currency
    margins = [
        f"{each['code']} from {each['margin_before']} to {each['margin_now']}"
        for each in effects
        if same and each["margin_now"] is not None
    ]
    effect = f" The margin of an hour goes: {'; '.join(margins)}." if margins else ""
    found = desk.Found(
        kind="one_sided_rate_change",
        key=key,
        title=f"The {moved} rate changed and the {other} rate did not",
        detail=f"It holds from {new.since.isoformat()}.{effect} Is that meant?",
        about_kind="assignment",
        about=row.pk,
        stops="nothing",
        evidence=effects,
        suggested=f"Agree a new {other} rate from the same day, or dismiss with the reason.",
    )
    desk.open_exceptions([found], actor=actor, at=at)


def _one_sided(
    before: dict[str, dict[str, Any]], now: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    effects = []
    for code in sorted(before.keys() & now.keys()):
        old, fresh = before[code], now[code]
        pay, bill = old["pay_rate"] != fresh["pay_rate"], old["bill_rate"] != fresh["bill_rate"]
        if pay != bill:
            effects.append(
                {
                    "code": code,
                    "before": old,
                    "now": fresh,
                    "moved": "pay" if pay else "bill",
                    "margin_before": _margin(old),
                    "margin_now": _margin(fresh),
                }
            )
    return effects


def _margin(sides: dict[str, Any]) -> str | None:
    pay, bill = sides["pay_rate"], sides["bill_rate"]
    return None if pay is None or bill is None else str(Decimal(bill) - Decimal(pay))
