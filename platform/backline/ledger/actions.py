"""What can be done in the ledger: open accounts, post sets of entries, reverse a posting."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from backline.kernel import arrays, copying, later, statements
from backline.kernel.actors import Actor
from backline.kernel.arrays import Json
from backline.kernel.errors import Conflict, Invalid, Missing
from backline.kernel.events import record
from backline.kernel.ids import new_ids
from backline.kernel.statements import Slot
from backline.ledger.chart import CHART
from backline.ledger.events import EntriesPosted
from backline.ledger.models import Entry, Posting
from rulebook.money import PENNY

CLAIM = """
INSERT INTO ledger_posting
    (id, key, digest, kind, effective_on, posted_at, reverses_id, pair, actor, narrative)
SELECT c.id, c.key, c.digest, c.kind, c.effective_on, told.at, c.reverses, c.pair, told.actor,
       c.narrative
FROM (SELECT %s::jsonb AS actor, %s::timestamptz AS at) told,
     unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::date[], %s::uuid[], %s::text[],
            %s::text[]) WITH ORDINALITY
         AS c (id, key, digest, kind, effective_on, reverses, pair, narrative, place)
ORDER BY c.place
ON CONFLICT (key) DO NOTHING
RETURNING key, id
"""
OPEN = """
INSERT INTO ledger_account (id, code, name, kind, currency)
SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[])
ON CONFLICT DO NOTHING
"""
# The pairs that were never used before are written, in one order; what comes back are the accounts
# that the chart does not have.
PAIR = """
WITH used AS MATERIALIZED (
    SELECT * FROM unnest(%s::text[], %s::text[], %s::text[]) AS u (debit, credit, currency)
), made AS (
    INSERT INTO ledger_accountpair (debit, credit, currency)
    SELECT debit, credit, currency FROM used
    EXCEPT SELECT debit, credit, currency FROM ledger_accountpair
    ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING
)
SELECT DISTINCT side.code, used.currency
FROM used, LATERAL (VALUES (debit), (credit)) AS side (code)
WHERE (side.code, used.currency) NOT IN (SELECT code, currency FROM ledger_account)
ORDER BY 1, 2
"""
_POSTED = statements.columns(
    lambda: Posting.objects.filter(key__among=Slot("keys")).values_list("key", "digest")
)


class Leg(NamedTuple):
    """One movement between two accounts by code; a negative amount moves the other way.

    `amount` in the currency of its set, two places.
    """

    debit: str
    credit: str
    amount: Decimal
    debit_subject: UUID | None = None
    credit_subject: UUID | None = None

    def forward(self) -> "Leg":
        """The same movement with a positive amount."""
        if self.amount >= 0:
            return self
        return Leg(self.credit, self.debit, -self.amount, self.credit_subject, self.debit_subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrySet:
    """The entries of one business event under the event's own key, on the day it counts for."""

    key: str
    kind: str
    effective_on: date
    currency: str
    legs: tuple[Leg, ...]
    narrative: str = ""
    pair: str = ""
    reverses: UUID | None = None

    def digest(self) -> str:
        """A hash of what is posted: the same business event must always come to the same one."""
        told = hashlib.sha256(f'["{self.effective_on}", "{self.currency}", ['.encode())
        # a list in JSON, an entry after the other: a set may have half a million
        comma = ""
        for entry in sorted(map(_spelled, self.legs)):
            told.update(f"{comma}{entry}".encode())
            comma = ", "
        told.update(b"]]")
        return told.hexdigest()


class Wanted(NamedTuple):
    """A set as it is stored, and its hash."""

    set: EntrySet
    digest: str


def open_accounts(currencies: Iterable[str]) -> None:
    """Open the chart in each currency; accounts that exist stay as they are."""
    wanted = [
        (heading.code, heading.name, heading.kind, currency)
        for currency in currencies
        for heading in CHART
    ]
    if not wanted:
        return
    columns = [new_ids(len(wanted)), *zip(*wanted, strict=True)]
    later.put_off(OPEN, [arrays.parameter(column) for column in columns])


def post(sets: Iterable[EntrySet], *, actor: Actor, at: datetime) -> int:
    """Post sets of entries, each once: the same set again, also by a twin at the same moment,
    posts nothing; returns how many were posted.

    Legs of nothing are left out, negative legs are turned round. Raises Conflict when a key was
    posted with other entries, Invalid for an account that the chart does not have in that currency.
    """
    wanted: dict[str, Wanted] = {}
    for one in map(_forward, sets):
        told = Wanted(one, one.digest())
        if wanted.setdefault(one.key, told).digest != told.digest:
            raise _differs(one.key)
    ids = _claimed({key: one for key, one in wanted.items() if one.set.legs}, actor, at)
    _check_known({key: one for key, one in wanted.items() if key not in ids})
    ours = [(ids[key], wanted[key].set) for key in wanted if key in ids]
    copying.write(
        Entry,
        (
            "posting", "n", "debit", "debit_subject", "credit", "credit_subject", "amount",
            "currency", "effective_on",
        ),
        (
            (
                posting, n, leg.debit, leg.debit_subject, leg.credit, leg.credit_subject,
                leg.amount, one.currency, one.effective_on,
            )
            for posting, one in ours
            for n, leg in enumerate(one.legs)
        ),
    )  # fmt: skip
    record((_posted(posting, one) for posting, one in ours), actor=actor, at=at)
    return len(ours)


def reverse(key: str, *, on: date, reason: str, actor: Actor, at: datetime) -> None:
    """Post the exact opposite of a posting on a day; doing it again posts nothing.

    Raises Missing when nothing was posted under the key, Conflict for what is a reversal itself.
    """
    posting = Posting.objects.select_related("reverses").filter(key=key).first()
    if posting is None:
        raise Missing("posting_unknown", f"Nothing was posted under {key}.")
    if posting.reverses is not None:
        told = f"{key} reverses {posting.reverses.key}; post that anew instead."
        raise Conflict("reversal_not_reversed", told)
    if Posting.objects.filter(reverses=posting).exists():
        return
    entries = Entry.objects.filter(posting=posting).order_by("n")
    legs = tuple(
        Leg(
            entry.credit,
            entry.debit,
            entry.amount,
            entry.credit_subject,
            entry.debit_subject,
        )
        for entry in entries
    )
    opposite = EntrySet(
        key=f"{key}:reversed",
        kind=posting.kind,
        effective_on=on,
        currency=entries[0].currency,
        legs=legs,
        narrative=reason,
        reverses=posting.pk,
    )
    post([opposite], actor=actor, at=at)


def _spelled(leg: Leg) -> str:
    debit = f'"{leg.debit}", "{leg.debit_subject}"'
    return f'[{debit}, "{leg.credit}", "{leg.credit_subject}", "{leg.amount}"]'


def _forward(one: EntrySet) -> EntrySet:
    legs = tuple(_checked(leg) for leg in one.legs if leg.amount)
    return one if legs == one.legs else replace(one, legs=legs)


def _checked(leg: Leg) -> Leg:
    """A leg as it is stored; one that the column would round, or that moves nothing, is our
    fault and never posted.
    """
    if not leg.amount.same_quantum(PENNY):
        amount = leg.amount.quantize(PENNY)
        if amount != leg.amount:
            raise ValueError(f"an entry has two places, not {leg.amount}")
        leg = leg._replace(amount=amount)
    if leg.debit == leg.credit and leg.debit_subject == leg.credit_subject:
        raise ValueError(f"an entry from {leg.debit} to itself moves nothing")
    return leg.forward()


def _check_known(others: Mapping[str, Wanted]) -> None:
    """Raise Conflict where the key of one of these sets was posted with other entries."""
    for key, digest in _POSTED(keys=others) if others else ():
        if others[key].digest != digest:
            raise _differs(key)


def _differs(key: str) -> Conflict:
    return Conflict("posting_differs", f"{key} was posted before with other entries.", key=key)


def _claimed(fresh: Mapping[str, Wanted], actor: Actor, at: datetime) -> dict[str, UUID]:
    """Claim the keys of these sets, in one order so that twins cannot block each other; returns
    the postings that are ours. Every pair of accounts stands then between which they move
    something.

    Raises Invalid for an account that the chart does not have in that currency.
    """
    if not fresh:
        return {}
    absent = _open_pairs(fresh.values())
    rows = [
        (
            made, key, told.digest, one.kind, one.effective_on, one.reverses, one.pair,
            one.narrative[:200],
        )
        for made, (key, told) in zip(new_ids(len(fresh)), sorted(fresh.items()), strict=True)
        for one in (told.set,)
    ]  # fmt: skip
    columns = [arrays.parameter(column) for column in zip(*rows, strict=True)]
    claimed = later.ask(CLAIM, [Json.of(actor.as_json()), at, *columns])
    told = ", ".join(f"{code} in {currency}" for code, currency in absent())
    if told:
        raise Invalid("account_missing", f"The chart has no account {told}; open it first.")
    return dict(claimed())


def _open_pairs(fresh: Iterable[Wanted]) -> later.Rows:
    """Have every pair of accounts stand between which these sets move something, before whatever is
    asked next; gives the accounts that the chart does not have in that currency.
    """
    used = sorted(
        {(leg.debit, leg.credit, told.set.currency) for told in fresh for leg in told.set.legs}
    )
    return later.ask(PAIR, [arrays.parameter(column) for column in zip(*used, strict=True)])


def _posted(key: UUID, one: EntrySet) -> EntriesPosted:
    return EntriesPosted(
        subject=key,
        key=one.key,
        kind=one.kind,
        entries=len(one.legs),
        amount=sum((leg.amount for leg in one.legs), Decimal(0)),
        currency=one.currency,
    )
