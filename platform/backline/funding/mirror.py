"""Mirror: what each movement between agency and partner posts on either side; one table, two
columns.

What the agency is due (1510) is what the partner still has to apply (2600) and owes (2610); what
the agency was
advanced (2500) is what the partner has in use (1500); what the agency assigned (1105) the partner
holds as a memo.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from backline.funding.models import Movement
from backline.kernel.actors import Actor
from backline.ledger import actions as ledger
from backline.ledger.actions import EntrySet, Leg

AGENCY, PARTNER = "agency", "partner"


class Move(NamedTuple):
    """One movement to write: its key, kind, amount (two places) and the invoice it is about,
    if any.
    """

    key: str
    kind: str
    amount: Decimal
    currency: str
    on: date
    invoice: UUID | None = None
    because: str = ""


LEGS: dict[str, dict[str, tuple[tuple[str, str], ...]]] = {
    "assigned": {AGENCY: (("1105", "1100"),), PARTNER: (("9000", "9001"),)},
    "reassigned": {AGENCY: (("1100", "1105"),), PARTNER: (("9001", "9000"),)},
    "collected": {AGENCY: (), PARTNER: (("9001", "9000"),)},
    "advanced": {AGENCY: (("1510", "2500"),), PARTNER: (("1500", "2610"),)},
    "received": {AGENCY: (), PARTNER: (("1030", "2600"),)},
    "repaid": {AGENCY: (("2500", "1510"),), PARTNER: (("2600", "1500"),)},
    "released": {AGENCY: (), PARTNER: (("2600", "2610"),)},
    # the client's money for an invoice that is not funded: all of it the agency's, at once
    "passed_on": {AGENCY: (), PARTNER: (("2600", "2610"),)},
    "fee": {AGENCY: (("6200", "1510"),), PARTNER: (("2610", "4100"),)},
    "fee_tax": {AGENCY: (("2310", "1510"),), PARTNER: (("2610", "2300"),)},
    "charged_back": {AGENCY: (("2500", "1510"),), PARTNER: (("2610", "1500"),)},
    "wired": {AGENCY: (("1020", "1510"),), PARTNER: (("2610", "1020"),)},
}


def move(side: str, counterparty: str, moves: Iterable[Move], *, actor: Actor, at: datetime) -> int:
    """Write movements and post them on one side, each once by its key with that counterparty;
    returns how many were new.

    A movement of nothing is left out; a negative one moves the other way. A partner's agencies may
    use the same words for their keys (the wire of a week): each has its own.
    """
    wanted = {one.key: one for one in moves if one.amount}
    known = set(
        Movement.objects.filter(counterparty=counterparty, key__in=wanted).values_list(
            "key", flat=True
        )
    )
    fresh = [one for key, one in wanted.items() if key not in known]
    Movement.objects.bulk_create(
        Movement(
            key=one.key,
            counterparty=counterparty,
            kind=one.kind,
            invoice=one.invoice,
            amount=one.amount,
            currency=one.currency,
            moved_on=one.on,
            moved_at=at,
            because=one.because[:200],
        )
        for one in fresh
    )
    ledger.post(_sets(side, counterparty, fresh), actor=actor, at=at)
    return len(fresh)


def posting_key(counterparty: str, key: str = "") -> str:
    """How the postings with a counterparty are keyed; without a key, how all of them begin."""
    return f"funding:{counterparty}:{key}"


def _sets(side: str, counterparty: str, moves: Sequence[Move]) -> list[EntrySet]:
    return [
        EntrySet(
            key=posting_key(counterparty, one.key),
            kind=f"funding_{one.kind}",
            effective_on=one.on,
            currency=one.currency,
            legs=tuple(
                Leg(debit, credit, one.amount, one.invoice, one.invoice)
                for debit, credit in LEGS[one.kind][side]
            ),
            narrative=one.because,
            pair=one.key,
        )
        for one in moves
        if LEGS[one.kind][side]
    ]
