"""Posting: differences written down as charges, by COPY, each with a key of its own."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from backline.charges.events import ChargesPosted
from backline.charges.models import Charge, Correction
from backline.charges.weeks import TIME, Key, Weeks
from backline.kernel import copying, dated
from backline.kernel.actors import Actor
from backline.kernel.events import record
from backline.kernel.ids import new_id
from rulebook.corrections import Difference
from rulebook.money import to_penny
from rulebook.rates import Side

COLUMNS = (
    "id", "key", "kind", "worker", "client", "assignment", "timesheet", "agreement", "worked_on",
    "week_starts_on", "engagement", "pay_frequency", "code", "label", "unit", "pay_factor",
    "bill_factor", "region", "pay_quantity", "pay_rate", "pay_amount", "pay_currency",
    "pay_treatment", "bill_quantity", "bill_rate", "bill_amount", "bill_currency",
    "bill_treatment", "expected_burden", "po_number", "cost_centre", "correction", "corrects",
    "because", "priced_at", "posted_week",
)  # fmt: skip
NOTHING = Decimal("0.00")


def post(
    found: Mapping[Key, Sequence[Difference]],
    weeks: Weeks,
    corrections: Mapping[Key, Correction],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Write the differences of every week as charges and tell them, one event a worker's week."""
    rows: list[tuple[Any, ...]] = []
    facts = []
    for key, diffs in found.items():
        correction = corrections.get(key)
        own = list(_rows(key, diffs, weeks, correction, at))
        rows += own
        if own:
            facts.append(_fact(key, own, diffs, correction))
    copying.write(Charge, COLUMNS, rows)
    record(facts, actor=actor, at=at)


def _rows(
    key: Key,
    diffs: Sequence[Difference],
    weeks: Weeks,
    correction: Correction | None,
    at: datetime,
) -> Iterator[tuple[Any, ...]]:
    # the number of charges the week has already makes the next keys its own: a twin that read the
    # same week
    # would make the same keys, and the second of the two is refused by the unique column
    sofar = len(weeks.posted.get(key, ()))
    for n, diff in enumerate(diffs, start=sofar):
        charge = diff.charge
        row = weeks.assignments[UUID(str(charge.assignment))]
        reference = dated.in_force(weeks.references.get(row.pk, ()), charge.day)
        unit = (charge.pay or charge.bill or _nothing()).unit
        pay, bill = charge.pay, charge.bill
        share = weeks.burden_shares.get(row.engagement, NOTHING)
        yield (
            new_id(),
            f"{TIME}:{key[0].hex}:{key[1].isoformat()}:{n}",
            TIME,
            row.worker_id,
            row.client_id,
            row.pk,
            weeks.sheets.get((row.pk, charge.day)),
            charge.version or None,
            charge.day,
            key[1],
            row.engagement,
            row.pay_frequency,
            charge.code,
            charge.label,
            unit,
            pay.factor if pay else Decimal(1),
            bill.factor if bill else Decimal(1),
            row.site.region if row.site else "",
            *_columns(pay, "work"),
            *_columns(bill, "standard"),
            to_penny(pay.amount * share) if pay else NOTHING,
            reference.po_number if reference else "",
            reference.cost_centre if reference else "",
            correction.pk if correction else None,
            diff.corrects[0] if diff.corrects else None,
            (correction.reason if correction else "")[:200],
            at,
            _week_of(at, weeks),
        )


def _columns(side: Side | None, treatment: str) -> tuple[Any, ...]:
    if side is None:
        return (None, None, None, "", treatment)
    return (side.quantity, side.rate, side.amount, side.currency, side.tax or treatment)


def _nothing() -> Side:
    return Side(NOTHING, "hour", NOTHING, NOTHING, "")


def _week_of(at: datetime, weeks: Weeks) -> date:
    return weeks.starts_of(at.date())


def _fact(
    key: Key,
    rows: Sequence[tuple[Any, ...]],
    diffs: Sequence[Difference],
    correction: Correction | None,
) -> ChargesPosted:
    sums: dict[str, dict[str, Decimal]] = {"pay": {}, "bill": {}}
    for diff in diffs:
        for name, side in (("pay", diff.charge.pay), ("bill", diff.charge.bill)):
            if side is not None:
                own = sums[name]
                own[side.currency] = own.get(side.currency, NOTHING) + side.amount
    return ChargesPosted(
        subject=key[0],
        week_starts_on=key[1].isoformat(),
        charges=[str(row[0]) for row in rows],
        pay=sums["pay"],
        bill=sums["bill"],
        correction=str(correction.pk) if correction else "",
    )
