"""Posting: differences written down as charges, by COPY, each with a key of its own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any
from uuid import UUID

from backline.charges import waiting
from backline.charges.events import ChargesPosted
from backline.charges.models import Charge, Correction
from backline.charges.weeks import TIME, Key, Weeks
from backline.directory import queries as directory
from backline.kernel import copying, dated
from backline.kernel.actors import Actor
from backline.kernel.events import record
from backline.kernel.ids import new_ids
from rulebook.corrections import Difference
from rulebook.money import NOTHING, to_penny
from rulebook.rates import Side

COLUMNS = (
    "id", "key", "kind", "worker", "client", "assignment", "timesheet", "agreement", "worked_on",
    "week_starts_on", "engagement", "pay_frequency", "code", "label", "unit", "pay_factor",
    "bill_factor", "region", "pay_quantity", "pay_rate", "pay_amount", "pay_currency",
    "pay_treatment", "bill_quantity", "bill_rate", "bill_amount", "bill_currency",
    "bill_treatment", "expected_burden", "po_number", "cost_centre", "correction", "corrects",
    "because", "priced_at", "posted_week",
)  # fmt: skip
SHEET_AT, CLIENT_AT, BILL_AT = map(COLUMNS.index, ("timesheet", "client", "bill_amount"))
WAITS = itemgetter(*map(COLUMNS.index, ("id", "worker", "client", "pay_amount", "bill_amount")))


@dataclass(frozen=True, slots=True)
class Line:
    """What one posted charge came to, and the sheet it is for."""

    id: UUID
    sheet: UUID | None
    pay: Decimal
    bill: Decimal
    currency: str


def post(
    found: Mapping[Key, Sequence[Difference]],
    weeks: Weeks,
    corrections: Mapping[Key, Correction],
    *,
    actor: Actor,
    at: datetime,
) -> list[Line]:
    """Write the differences of every week as charges and tell them, one event a worker's week."""
    rows: list[tuple[Any, ...]] = []
    lines: list[Line] = []
    facts = []
    week = weeks.starts_of(directory.day_of(at, weeks.firm))
    made = iter(new_ids(sum(map(len, found.values()))))
    for key, diffs in found.items():
        correction = corrections.get(key)
        own = list(_rows(key, diffs, weeks, correction, made=made, at=at, week=week))
        rows += own
        lines += [_line(row[0], row[SHEET_AT], diff) for row, diff in zip(own, diffs, strict=True)]
        if own:
            facts.append(_fact(key, own, diffs, correction))
    write(rows)
    record(facts, actor=actor, at=at)
    return lines


def write(charges: Sequence[tuple[Any, ...]]) -> None:
    """Write charges, and what of them waits to be paid and billed."""
    copying.write(Charge, COLUMNS, charges)
    waiting.begin(map(WAITS, charges))


def _rows(
    key: Key,
    diffs: Sequence[Difference],
    weeks: Weeks,
    correction: Correction | None,
    *,
    made: Iterator[UUID],
    at: datetime,
    week: date,
) -> Iterator[tuple[Any, ...]]:
    # The number of charges the week has already makes the next keys its own: a twin that read the
    # same week would make the same keys, and the second of the two is refused by the unique column.
    sofar = len(weeks.posted.get(key, ()))
    for n, diff in enumerate(diffs, start=sofar):
        charge = diff.charge
        row = weeks.by_ref[str(charge.assignment)]
        sheet = weeks.sheet_on(row.id, charge.day)
        reference = dated.in_force(weeks.references.get(row.id, ()), charge.day)
        pay, bill = charge.pay, charge.bill
        share = weeks.burden_shares.get(row.engagement, NOTHING)
        yield (
            next(made),
            f"{TIME}:{key[0].hex}:{key[1].isoformat()}:{n}",
            TIME,
            row.worker_id,
            row.client_id,
            row.id,
            sheet.id if sheet else None,
            charge.version or None,
            charge.day,
            key[1],
            row.engagement,
            row.pay_frequency,
            charge.code,
            charge.label,
            (pay or bill or _nothing()).unit,
            pay.factor if pay else Decimal(1),
            bill.factor if bill else Decimal(1),
            row.region or "",
            *_columns(pay, "work"),
            *_columns(bill, "standard"),
            to_penny(pay.amount * share) if pay else NOTHING,
            (sheet.po_number if sheet else "") or (reference.po_number if reference else ""),
            reference.cost_centre if reference else "",
            correction.pk if correction else None,
            diff.corrects[0] if diff.corrects else None,
            (correction.reason if correction else "")[:200],
            at,
            week,
        )


def _line(key: UUID, sheet: UUID | None, diff: Difference) -> Line:
    pay, bill = diff.charge.pay, diff.charge.bill
    known = pay or bill
    return Line(
        key,
        sheet,
        pay.amount if pay else NOTHING,
        bill.amount if bill else NOTHING,
        known.currency if known else "",
    )


def _columns(side: Side | None, treatment: str) -> tuple[Any, ...]:
    if side is None:
        return (None, None, None, "", treatment)
    return (side.quantity, side.rate, side.amount, side.currency, side.tax or treatment)


def _nothing() -> Side:
    return Side(NOTHING, "hour", NOTHING, NOTHING, "")


def billed(rows: Iterable[Sequence[Any]]) -> list[str]:
    """The clients of charges with a bill side, given as rows of the columns."""
    found = {row[CLIENT_AT] for row in rows if row[BILL_AT] is not None and row[CLIENT_AT]}
    return sorted(map(str, found))


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
        clients=billed(rows),
        pay=sums["pay"],
        bill=sums["bill"],
        correction=str(correction.pk) if correction else "",
    )
