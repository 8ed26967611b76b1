"""An agency and its partner doing anything in any order, audited after every step.

BOOKS_EXAMPLES says how many lives are led (by default few, and the same ones each time),
BOOKS_STEPS how long each is.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from backline.kernel.errors import Refusal
from tests.books import documents, model
from tests.books.audit import audit
from tests.books.trade import FIRST_DAY, Trade, person
from tests.books.weeks import approved_week

if TYPE_CHECKING:
    from tenants.backend.seats import Place

EXAMPLES = int(os.environ.get("BOOKS_EXAMPLES", "3"))
STEPS = int(os.environ.get("BOOKS_STEPS", "30"))
TERMS = {
    "advance_share": str(model.SHARE),
    "recourse_days": model.RECOURSE,
    "fees": [{"code": "fee", "kind": "flat", "share": str(model.FEE), "vat_share": str(model.VAT)}],
}
HOURS = st.sampled_from([Decimal(n) for n in (5, 20, 40, 45, 60)])
RATES = st.sampled_from([(Decimal(14), Decimal(20)), (Decimal(16), Decimal(24)),
                         (Decimal(18), Decimal(22))])  # fmt: skip
PICK = st.integers(min_value=0, max_value=30)
KINDS = ("whole", "part", "over", "short", "unknown")


class Life(RuleBasedStateMachine):
    """One agency, one partner, two clients, three workers."""

    places: ClassVar[dict[str, Place]] = {}

    def __init__(self) -> None:
        super().__init__()
        from tests.databases import of_its_own

        self.stack = ExitStack()
        self.stack.enter_context(of_its_own())
        self.told: list[Any] = []  # what can be told again, and must change nothing
        self.hours: dict[tuple[UUID, date], Decimal] = {}
        self.rates: dict[UUID, list[tuple[date, Decimal, Decimal]]] = {}
        self.run: UUID | None = None
        self.is_current = False  # whether everything has reacted to everything

    @initialize()
    def opens(self) -> None:
        """The agency opens and engages three workers."""
        self.trade = Trade(self.places["agency"], self.places["partner"]).opens()
        self.trade.agrees_funding(TERMS)
        clients = [self.trade.client(name) for name in ("Widgets Ltd", "Gadgets Ltd")]
        self.jobs = [self.trade.engages(clients[n % 2], pay="14", bill="20") for n in range(3)]
        for job in self.jobs:
            self.rates[job] = [(FIRST_DAY, Decimal(14), Decimal(20))]
        self.ledger = documents.Documents(self.trade)
        self.trade.goes_on(7)
        for monday in (FIRST_DAY, FIRST_DAY + timedelta(days=7)):
            for job in self.jobs:
                approved_week(self.trade, job, monday, "45")
        self.hours.update(self.ledger.approved_hours())
        self.trade.catches_up()
        for draft in self.ledger.drafts():
            self.trade.finalizes(draft)
        self.reacts()

    def tries(self, deed: Any) -> Any:
        """Do a thing that may be refused, and never half done; the answer, or None."""
        self.is_current = False
        try:
            return deed()
        except Refusal:
            return None

    # --- time and rates ------------------------------------------------------------------------

    @rule(pick=PICK, hours=HOURS)
    def works(self, pick: int, hours: Decimal) -> None:
        """A week is handed in and approved."""
        job = self.jobs[pick % 3]
        weeks = [FIRST_DAY + timedelta(days=7 * n) for n in range(40)]
        free = [day for day in weeks if (job, day) not in self.hours
                and day + timedelta(days=7) <= self.trade.on]  # fmt: skip
        if not free:
            return
        self.tries(lambda: approved_week(self.trade, job, free[0], str(hours)))
        self.hours.update(self.ledger.approved_hours())

    @precondition(lambda self: self.hours)
    @rule(pick=PICK, hours=HOURS)
    def corrects(self, pick: int, hours: Decimal) -> None:
        """What was approved turns out to have been something else."""
        job, monday = sorted(self.hours, key=str)[pick % len(self.hours)]
        self.tries(lambda: documents.corrected(self.trade, job, monday, hours))
        self.hours.update(self.ledger.approved_hours())

    @rule(pick=PICK, weeks_ago=st.integers(min_value=0, max_value=4), rates=RATES)
    def agrees_rates(self, pick: int, weeks_ago: int, rates: tuple[Decimal, Decimal]) -> None:
        """New rates from a Monday that may be long gone."""
        job = self.jobs[pick % 3]
        monday = self.trade.on - timedelta(days=self.trade.on.weekday() + 7 * weeks_ago)
        since = max(monday, FIRST_DAY + timedelta(days=7))
        if self.tries(lambda: documents.rates_agreed(self.trade, job, since, *rates)):
            self.rates[job].append((since, *rates))

    # --- pay -----------------------------------------------------------------------------------

    @precondition(lambda self: self.run is None)
    @rule(pick=PICK)
    def works_pay_out(self, pick: int) -> None:
        """An open run is worked out, for a day that money can still reach, and handed in."""
        if (run := documents.open_run(self.trade, pick)) is None:
            return
        if self.tries(lambda: documents.handed_in(self.trade, run)):
            self.run = run

    @precondition(lambda self: self.run is not None)
    @rule()
    def pays(self) -> None:
        """A run is approved and released, or found overtaken and worked out again."""
        from backline.payroll import actions as payroll

        run, self.run = self.run, None
        assert run is not None

        def deed() -> bool:
            with self.trade.inside():
                payroll.approve(run, actor=person("bob"), at=self.trade.at)
            with self.trade.inside():
                payroll.release(run, actor=person("cat"), at=self.trade.at)
            return True

        if not self.tries(deed):
            self.tries(lambda: documents.cancelled(self.trade, run))

    @rule(pick=PICK, is_well=st.booleans())
    def hears_from_the_bank(self, pick: int, is_well: bool) -> None:
        """A payment went through, or came back and is paid again."""
        self.tries(lambda: documents.bank_says(self.trade, pick, is_well=is_well))

    # --- bills ---------------------------------------------------------------------------------

    @rule(pick=PICK)
    def finalizes(self, pick: int) -> None:
        """A draft becomes final."""
        drafts = self.ledger.drafts()
        if drafts:
            self.tries(lambda: self.trade.finalizes(drafts[pick % len(drafts)]))

    @rule(pick=PICK, again=st.booleans())
    def credits(self, pick: int, again: bool) -> None:
        """A final invoice is credited whole, and its work perhaps billed again."""
        finals = self.ledger.finals()
        if finals:
            key = finals[pick % len(finals)]
            self.tries(lambda: documents.credited(self.trade, key, reinstate=again))

    @rule(pick=PICK, quantity=st.sampled_from([Decimal(1), Decimal(10), Decimal(50)]))
    def adjusts(self, pick: int, quantity: Decimal) -> None:
        """A line of a final invoice is billed at another quantity."""
        finals = self.ledger.finals()
        if finals:
            key = finals[pick % len(finals)]
            self.tries(lambda: documents.adjusted(self.trade, key, quantity))

    # --- cash ----------------------------------------------------------------------------------

    @rule(pick=PICK, kind=st.sampled_from(KINDS), at_partner=st.booleans(), ago=PICK)
    def receives(self, pick: int, kind: str, at_partner: bool, ago: int) -> None:
        """Money comes in, for an invoice or for nobody knows what."""
        opened = self.ledger.open_invoices()
        amount, number = Decimal("77.77"), ""
        if opened and kind != "unknown":
            row = opened[pick % len(opened)]
            number = row.number
            amount = {
                "whole": row.open_amount,
                "part": (row.open_amount / 2).quantize(Decimal("0.01")),
                "over": row.open_amount + 10,
                "short": row.open_amount - Decimal("0.30"),
            }[kind]
        if amount <= 0:
            return
        new = documents.new_receipt(self.trade, amount, number, days_ago=ago % 5)
        told = documents.telling(self.trade, new, at_partner=at_partner)
        if self.tries(told):
            self.told.append(told)

    @rule(pick=PICK, other=PICK, share=st.sampled_from(["0.5", "1"]))
    def allocates(self, pick: int, other: int, share: str) -> None:
        """A person says what a receipt pays."""
        self.tries(lambda: documents.allocated(self.trade, pick, other, Decimal(share)))

    @rule(pick=PICK)
    def takes_back(self, pick: int) -> None:
        """What was set against an invoice is taken back."""
        self.tries(lambda: documents.taken_back(self.trade, pick))

    # --- time passes ---------------------------------------------------------------------------

    @rule(days=st.sampled_from([1, 3, 7, 7, 14, 30]))
    def days_pass(self, days: int) -> None:
        """Some days go by."""
        self.trade.goes_on(days)
        self.is_current = False

    @rule()
    def settles(self) -> None:
        """The week is settled."""
        half = self.tries(self.trade.settles)
        if half is not None:
            week = self.trade.on - timedelta(days=self.trade.on.weekday())
            self.told.append(lambda: self.trade.settles(week))

    @rule()
    def reacts(self) -> None:
        """Everything catches up."""
        self.trade.catches_up()
        self.ledger.reads(day_seen=True)
        self.is_current = True

    @precondition(lambda self: self.told)
    @rule(pick=PICK)
    def is_told_again(self, pick: int) -> None:
        """What was done is told again, and nothing changes."""
        before = self.ledger.everything()
        self.tries(self.told[pick % len(self.told)])
        assert self.ledger.everything() == before

    # --- what must hold ------------------------------------------------------------------------

    @invariant()
    def the_books_are_sound(self) -> None:
        """After every step."""
        audit(self.trade, is_current=self.is_current)
        self.ledger.reads()

    @invariant()
    def the_books_say_what_the_model_says(self) -> None:
        """Whenever everything has reacted."""
        if self.is_current:
            self.ledger.compare()
            self.ledger.compare_work(self.hours, self.rates)

    def teardown(self) -> None:
        """The books are closed for good, and must be sound to the last."""
        with self.stack:
            self.trade.catches_up()
            self.ledger.reads(day_seen=True)
            audit(self.trade, is_current=True)
            self.ledger.compare()
            self.ledger.compare_work(self.hours, self.rates)


def test_whatever_is_done_in_whatever_order_the_books_are_sound(
    places: dict[str, Place], django_db_blocker: Any
) -> None:
    Life.places = places
    with django_db_blocker.unblock():
        run_state_machine_as_test(
            Life,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                derandomize="BOOKS_EXAMPLES" not in os.environ,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
                print_blob=True,
                database=None,
            ),
        )
