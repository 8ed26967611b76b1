"""A week between agency and partner settled: the statement that ties, and its wire."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q

from backline.funding import mirror, pool
from backline.funding.actions.halves import Half
from backline.funding.events import SettlementMade
from backline.funding.mirror import Move
from backline.funding.models import FundingTerms, Movement, Settlement
from backline.kernel.actors import Actor
from backline.kernel.errors import Conflict
from backline.kernel.events import plain, record
from backline.ledger import queries as ledger
from rulebook.money import NOTHING

WEEK = timedelta(days=7)


def settle_week(counterparty: str, starts_on: date, *, actor: Actor, at: datetime) -> Half:
    """Settle a week that has begun: a statement of every movement up to its last day that no
    statement before it has, and the wire it comes to; the agency's half.

    What moves later, of whatever day, stands on the next one. The same week again changes nothing.
    Raises Conflict for a week that has not begun or lies before the last one settled, and when the
    statement and the books do not tie.
    """
    pool.hold()
    mine = Settlement.objects.filter(counterparty=counterparty)
    if mine.filter(week_starts_on=starts_on).exists():
        return Half()
    terms = pool.terms_on(counterparty, min(starts_on + WEEK - timedelta(days=1), at.date()))
    if terms is None:
        return Half()
    before = mine.order_by("-week_starts_on").first()
    _must_be_next(starts_on, before, at)
    row = _statement(terms, starts_on, before, at)
    row.save(force_insert=True)
    wire = Move(
        f"wire:{starts_on.isoformat()}",
        "wired",
        row.net_wire,
        terms.currency,
        at.date(),
        because=f"Settlement of the week of {starts_on.isoformat()}",
    )
    moves = (wire,) if row.net_wire > 0 else ()
    mirror.move(mirror.AGENCY, counterparty, moves, actor=actor, at=at)
    fact = SettlementMade(
        subject=row.pk,
        week_starts_on=starts_on.isoformat(),
        net_wire=row.net_wire,
        currency=row.currency,
    )
    record([fact], actor=actor, at=at)
    return Half(moves=moves)


def _must_be_next(starts_on: date, before: Settlement | None, at: datetime) -> None:
    if starts_on > at.date():
        raise Conflict("week_not_begun", f"The week of {starts_on.isoformat()} has not begun.")
    if before is not None and starts_on < before.week_starts_on:
        raise Conflict(
            "settled_beyond",
            f"The week of {before.week_starts_on.isoformat()} is settled; what belongs before it"
            " stands on the next statement.",
            last=before.week_starts_on.isoformat(),
        )


def _statement(
    terms: FundingTerms, starts_on: date, before: Settlement | None, at: datetime
) -> Settlement:
    movements = _unsettled(terms.counterparty, before, starts_on + WEEK)
    sums = dict.fromkeys(mirror.LEGS, NOTHING)
    for one in movements:
        sums[one.kind] += one.amount
    opening = before.closing if before else NOTHING
    carried = before.unapplied if before else NOTHING
    owed = min(before.net_wire, NOTHING) if before else NOTHING
    back, fees, tax = sums["charged_back"], sums["fee"], sums["fee_tax"]
    released = sums["released"] + sums["passed_on"]
    row = Settlement(
        counterparty=terms.counterparty,
        week_starts_on=starts_on,
        currency=terms.currency,
        opening=opening,
        advanced=sums["advanced"],
        repaid=sums["repaid"],
        charged_back=back,
        closing=opening + sums["advanced"] - sums["repaid"] - back,
        collected=sums["received"],
        unapplied=carried + sums["received"] - sums["repaid"] - released,
        fees=fees,
        fee_tax=tax,
        released=released,
        net_wire=owed + sums["advanced"] + released - fees - tax - back,
        rows=[_row(one) for one in movements],
        through=_newest(terms.counterparty),
        made_at=at,
    )
    told = {**_told(row), "rows": row.rows, "follows": before.digest if before else ""}
    row.digest = hashlib.sha256(json.dumps(plain(told), sort_keys=True).encode()).hexdigest()
    _must_tie(terms, row.closing, starts_on + WEEK)
    return row


def _unsettled(counterparty: str, before: Settlement | None, until: date) -> Sequence[Movement]:
    """The movements of days before `until` that the statement before does not have."""
    rows = Movement.objects.filter(counterparty=counterparty, moved_on__lt=until)
    if before is not None:
        settled = Q(id__lte=before.through, moved_on__lt=before.week_starts_on + WEEK)
        rows = rows.exclude(settled)
    return list(rows.order_by("moved_on", "id"))


def _newest(counterparty: str) -> int:
    newest = Movement.objects.filter(counterparty=counterparty).order_by("-id")
    return newest.values_list("id", flat=True).first() or 0


def _must_tie(terms: FundingTerms, closing: Decimal, until: date) -> None:
    """What the statement says is in use, with what moved on later days, is what the books say."""
    later = NOTHING
    sign = {"advanced": 1, "repaid": -1, "charged_back": -1}
    rows = Movement.objects.filter(
        counterparty=terms.counterparty, moved_on__gte=until, kind__in=sign
    )
    for kind, amount in rows.values_list("kind", "amount"):
        later += sign[kind] * amount
    in_books = -ledger.balance("2500", terms.currency)
    if closing + later != in_books:
        raise Conflict(
            "settlement_untied",
            f"Funds in use are {in_books}, the statement comes to {closing + later}.",
        )


def _row(one: Movement) -> dict[str, Any]:
    told: dict[str, Any] = plain(
        {
            "kind": one.kind,
            "on": one.moved_on,
            "invoice": one.invoice,
            "amount": one.amount,
            "because": one.because,
        }
    )
    return told


def _told(row: Settlement) -> dict[str, Any]:
    names = (
        "week_starts_on", "currency", "opening", "advanced", "repaid", "charged_back", "closing",
        "collected", "unapplied", "fees", "fee_tax", "released", "net_wire",
    )  # fmt: skip
    return {name: plain(getattr(row, name)) for name in names}
