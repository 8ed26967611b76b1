"""Ledger: a batch of business events posted as entries, against COPY of the same rows."""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from backline.kernel import ids
from backline.kernel.actors import Actor
from backline.kernel.ids import new_id
from backline.kernel.models import Event
from backline.ledger import actions as ledger
from backline.ledger import queries
from backline.ledger.actions import EntrySet, Leg
from backline.ledger.models import Entry, Posting
from deploy.bench.books import copies, firms
from deploy.bench.measuring import Differs, Row, Work
from tenants import tenancy

TUESDAY = date(2026, 6, 9)
AT = datetime(2026, 6, 9, 9, tzinfo=UTC)
ANN = Actor("person", "psn_ann", "Ann")
# What a payslip moves: wages, tax and contributions through net-pay clearing, the employer's cost.
MOVES = (
    ("5100", "2200", "624.00"), ("5110", "2230", "75.32"), ("2200", "2210", "76.40"),
    ("2200", "2210", "30.56"), ("5120", "2210", "62.35"), ("2200", "2220", "24.96"),
    ("5130", "2220", "18.72"), ("2200", "1020", "492.08"),
)  # fmt: skip


@dataclass(slots=True)
class Bookkeeper:
    """An agency whose books are written; `rounds` batches stand in them."""

    count: int
    ref: str
    rounds: int = 0
    sets: tuple[EntrySet, ...] = ()


def prepare(count: int) -> Work:
    """So many events of eight entries each."""
    books = Bookkeeper(count, ids.public("agy", firms.agency(f"ledger-{count}").pk))
    written: list[copies.Rows] = []
    return Work(
        units=count,
        floor=lambda: copies.copy(written),
        ours=lambda: _posts(books),
        agree=lambda: _first(books, written),
        before=lambda: _next(books),
    )


def _happens(books: Bookkeeper) -> None:
    """The next events, each of a worker of its own."""
    books.rounds += 1
    books.sets = tuple(_set(books.rounds, new_id()) for _ in range(books.count))


def _set(batch: int, worker: UUID) -> EntrySet:
    return EntrySet(
        key=f"payslip:{batch}:{worker}",
        kind="payslip",
        effective_on=TUESDAY,
        currency="GBP",
        legs=tuple(
            Leg(debit, credit, Decimal(amount), worker, worker) for debit, credit, amount in MOVES
        ),
    )


def _posts(books: Bookkeeper) -> None:
    with tenancy.firm(books.ref):
        ledger.post(books.sets, actor=ANN, at=AT)


def _first(books: Bookkeeper, written: list[copies.Rows]) -> None:
    """Post a batch, see that all of it stands, and keep the rows that it wrote."""
    _happens(books)
    before = copies.moment()
    _posts(books)
    _must_be_whole(books)
    written += copies.written_since(books.ref, before)
    copies.make_floor(written)


def _must_be_whole(books: Bookkeeper) -> None:
    """Every event stands once with all its entries and was told, and the same again is nothing."""
    _posts(books)
    with tenancy.firm(books.ref):
        found = (
            Posting.objects.count(),
            Entry.objects.count(),
            Event.objects.filter(name="entries.posted").count(),
        )
        off = queries.out_of_balance(TUESDAY)
    if found != (books.count, books.count * len(MOVES), books.count) or off:
        raise Differs(f"{found} postings, entries and events for {books.count}; off by {off}.")


def _next(books: Bookkeeper) -> None:
    _happens(books)
    copies.empty_floor()


ROW = Row(
    name="ledger",
    what="a batch of events of 8 entries each posted, against COPY of the same rows",
    unit="event",
    scale=12500,
    goal=0.4,
    never_below=0.2,
    prepare=prepare,
    clock=time.perf_counter,
    rounds=5,
)
