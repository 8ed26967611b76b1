"""Documents: what a life of the books has produced, read for the model; and deeds that pick one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from tests.books import model
from tests.books.model import Cash, Paper, Put
from tests.books.trade import Trade, person
from tests.books.weeks import worked_out

NOTHING = Decimal(0)
REFERENCES = count(1)


class Documents:
    """The papers of one agency as the model sees them, kept up to date step by step."""

    def __init__(self, trade: Trade) -> None:
        self.trade = trade
        self.papers: dict[UUID, Paper] = {}
        self.cash: dict[UUID, Cash] = {}
        self.eras: dict[UUID, str] = {}

    def reads(self, *, day_seen: bool = False) -> None:
        """Read what is new; `day_seen` when the facility has looked at this day."""
        with self.trade.inside():
            self._read_papers()
            self._read_cash()
            self._read_puts()
            self._read_funding()
        if day_seen:
            for paper in self.papers.values():
                paper.day_passes(self.trade.on)

    def _read_papers(self) -> None:
        from backline.invoicing.models import Invoice

        for row in Invoice.objects.filter(state="finalized"):
            self.papers.setdefault(row.pk, Paper(row.gross))

    def _read_cash(self) -> None:
        from backline.collections.models import Receipt

        for row in Receipt.objects.all():
            self.cash[row.pk] = Cash(row.amount, NOTHING, row.held_by == "partner")

    def _read_puts(self) -> None:
        """Each thing that was set against a paper, with whose the paper was at that moment."""
        from backline.collections.models import Allocation
        from backline.kernel.models import Event

        for paper in self.papers.values():
            paper.puts, paper.used = [], NOTHING
        told = dict(Event.objects.filter(name="allocation.made").values_list("subject", "facts"))
        for row in Allocation.objects.order_by("applied_at", "id"):
            paper = self.papers[row.invoice_id]
            if row.reverses_id is not None:
                era = self.eras[row.reverses_id]
            elif told[row.pk]["is_funded"]:
                era = "funded"
            else:
                era = "before" if paper.given_back_with is None else "after"
            self.eras.setdefault(row.pk, era)
            receipt = self.cash[row.receipt_id] if row.receipt_id is not None else None
            is_cash = receipt is not None and receipt.at_partner
            paper.puts.append(Put(row.amount, is_cash, self.eras[row.pk]))
            if receipt is not None:
                receipt.placed += row.amount
            if row.credit_note_id is not None:
                self.papers[row.credit_note_id].used += row.amount

    def _read_funding(self) -> None:
        from backline.funding.models import Advance

        for row in Advance.objects.exclude(state="declined"):
            paper = self.papers[row.invoice]
            if paper.funded_on is None and row.advanced_on is not None:
                paper.is_funded(row.advanced_on, row.eligible, row.advanced, row.reason)

    # --- what can be picked --------------------------------------------------------------------

    def drafts(self) -> list[UUID]:
        """Drafts, oldest first."""
        return self._papers(state="draft")

    def finals(self) -> list[UUID]:
        """Final invoices, oldest first."""
        return self._papers(state="finalized", kind="invoice")

    def open_invoices(self) -> list[Any]:
        """Final invoices with something open."""
        from backline.invoicing.models import Invoice

        with self.trade.inside():
            rows = Invoice.objects.filter(state="finalized", kind="invoice", open_amount__gt=0)
            return list(rows.order_by("number"))

    def _papers(self, **of: Any) -> list[UUID]:
        from backline.invoicing.models import Invoice

        with self.trade.inside():
            return list(Invoice.objects.filter(**of).order_by("id").values_list("pk", flat=True))

    def approved_hours(self) -> dict[tuple[UUID, date], Decimal]:
        """The hours of each approved week, as its newest approved sheet says."""
        from backline.timesheets.models import Timesheet

        with self.trade.inside():
            rows = Timesheet.objects.filter(status="approved").order_by("revision", "id")
            return {(row.assignment_id, row.starts_on): row.total for row in rows}

    def everything(self) -> tuple[Any, ...]:
        """What all accounts of both books show, and how many documents there are."""
        from backline.collections.models import Receipt
        from backline.funding.models import Movement, Settlement

        with self.trade.inside():
            rows = [kind.objects.count() for kind in (Receipt, Movement, Settlement)]
        own = [self.trade.balance(code) for code in ("1020", "1510", "2400", "2500")]
        theirs = [self.trade.partner_balance(code) for code in ("1020", "1030", "2600", "2610")]
        return (*rows, *own, *theirs)

    # --- the model against the books -----------------------------------------------------------

    def compare(self) -> None:
        """Hold the books against the model, account by account."""
        from backline.funding.models import Settlement

        with self.trade.inside():
            wires = Settlement.objects.filter(net_wire__gt=0).values_list("net_wire", flat=True)
            wired = sum(wires, NOTHING)
        wanted = model.balances(self.papers, self.cash, wired)
        found = {
            code: self.trade.partner_balance(code[1:])
            if code.startswith("p")
            else self.trade.balance(code)
            for code in wanted
        }
        self._compare_papers()
        assert found == wanted

    def _compare_papers(self) -> None:
        """The same, paper by paper, so that one reads which."""
        from backline.funding.models import Advance

        with self.trade.inside():
            rows = list(Advance.objects.exclude(state="declined"))
        for row in rows:
            paper = self.papers[row.invoice]
            told = (row.face, row.advanced, row.repaid, row.charged_back, row.fee)
            ours = (paper.face, paper.advanced, paper.repaid, paper.taken, paper.fee)
            assert told == ours, (row.invoice_number, row.state, told, ours, paper)

    def compare_work(
        self,
        hours: Mapping[tuple[UUID, date], Decimal],
        rates: Mapping[UUID, Sequence[tuple[date, Decimal, Decimal]]],
    ) -> None:
        """Hold the charges of every week against hours times rates, on both sides."""
        from django.db.models import Sum

        from backline.charges.models import Charge

        with self.trade.inside():
            rows = (
                Charge.objects.filter(kind="time")
                .exclude(code="holiday")
                .values_list("assignment_id", "week_starts_on")
                .annotate(pay=Sum("pay_amount"), bill=Sum("bill_amount"))
            )
            found = {(job, week): (pay, bill) for job, week, pay, bill in rows}
        for (job, week), worked in hours.items():
            agreed = [row for row in rates[job] if row[0] <= week]
            _, pay, bill = max(agreed, key=lambda row: (row[0], rates[job].index(row)))
            wanted = (model.week_of_work(worked, pay), model.week_of_work(worked, bill))
            assert found[job, week] == wanted, (job, week, worked)


# --- deeds that pick what they are done to --------------------------------------------------------


def corrected(trade: Trade, job: UUID, monday: date, hours: Decimal) -> None:
    """An approved week is corrected, handed in and approved again."""
    from backline.kernel.outcomes import one
    from backline.timesheets import actions as timesheets
    from backline.timesheets.models import Timesheet

    with trade.inside():
        sheet = Timesheet.objects.filter(
            assignment=job, starts_on=monday, status="approved", corrects__isnull=True
        ).get()
        entries = [
            timesheets.NewEntry(worked_on=monday + timedelta(days=day), quantity=hours / 5)
            for day in range(5)
        ]
        again = timesheets.correct(sheet.pk, entries=entries, reason="miscounted", **trade.told)
    with trade.inside():
        one(timesheets.submit([again.pk], **trade.told))
    with trade.inside():
        one(timesheets.approve([again.pk], actor=person("bob"), at=trade.at))


def rates_agreed(trade: Trade, job: UUID, since: date, pay: Decimal, bill: Decimal) -> bool:
    """New rates hold from a day."""
    from backline.assignments import actions as assignments

    with trade.inside():
        new = assignments.NewRates(
            since=since,
            rates=[assignments.NewRate("regular", pay, bill)],
            pay_currency="GBP",
            bill_currency="GBP",
            reason="agreed",
        )
        assignments.agree_rates(job, new, **trade.told)
    return True


def open_run(trade: Trade, pick: int) -> UUID | None:
    """One of the runs that wait."""
    from backline.payroll import actions as payroll
    from backline.payroll.models import PayRun

    with trade.inside():
        payroll.open_due(trade.on, **trade.told)
        waiting = PayRun.objects.filter(state__in=["open", "blocked"]).order_by("starts_on")
        runs = list(waiting.values_list("pk", flat=True))
    return runs[pick % len(runs)] if runs else None


def handed_in(trade: Trade, run: UUID) -> bool:
    """A run is moved to a day that money can reach, worked out and handed in."""
    from backline.payroll import actions as payroll
    from backline.payroll.models import PayRun
    from rulebook import calendars

    day = calendars.business_day(trade.on, 4, "gb.england_wales")
    with trade.inside():
        if PayRun.objects.get(pk=run).pay_on < day:
            payroll.reschedule(run, pay_on=day, reason="late", **trade.told)
    worked_out(trade, run)
    with trade.inside():
        payroll.submit(run, **trade.told)
    return True


def cancelled(trade: Trade, run: UUID) -> None:
    """A run that cannot go on is sent back and cancelled."""
    from backline.payroll import actions as payroll

    with trade.inside():
        payroll.reject(run, reason="overtaken", actor=person("bob"), at=trade.at)
        payroll.cancel(run, reason="overtaken", **trade.told)


def bank_says(trade: Trade, pick: int, *, is_well: bool) -> None:
    """The bank tells of a payment: it left, or it came back and is paid again elsewhere."""
    from backline.directory import actions as directory
    from backline.kernel.outcomes import one
    from backline.payroll import actions as payroll
    from backline.payroll.actions.settling import Return
    from backline.payroll.models import Payment

    with trade.inside():
        rows = list(Payment.objects.filter(state__in=["sent", "settled"]).order_by("id"))
    if not rows:
        return
    row = rows[pick % len(rows)]
    with trade.inside():
        if is_well:
            one(payroll.settle([row.pk], on=trade.on, **trade.told))
            return
        back = Return(row.pk, "RFIC", "closed")
        one(payroll.return_payments([back], on=trade.on, **trade.told))
    if pick % 3 == 0:
        return  # for now nobody mends it
    with trade.inside():
        account = directory.propose(
            worker=row.worker_id,
            rail="bacs",
            holder="A Byron",
            routing="40-47-84",
            account=f"7{next(REFERENCES):07d}",
            **trade.told,
        )
        one(directory.approve([account.pk], actor=person("bob"), at=trade.at))
        payroll.repay(row.pk, actor=person("cat"), at=trade.at)


def credited(trade: Trade, invoice: UUID, *, reinstate: bool) -> None:
    """An invoice is credited whole."""
    from backline.invoicing import actions as invoicing

    with trade.inside():
        invoicing.credit(invoice, reason="wrong", reinstate=reinstate, **trade.told)


def adjusted(trade: Trade, invoice: UUID, quantity: Decimal) -> None:
    """The first line of an invoice is billed at another quantity."""
    from backline.invoicing import actions as invoicing

    with trade.inside():
        invoicing.adjust(invoice, line=0, quantity=quantity, reason="agreed", **trade.told)


def new_receipt(trade: Trade, amount: Decimal, number: str, *, days_ago: int) -> Any:
    """A line of a bank statement."""
    from backline.collections.actions import NewReceipt

    return NewReceipt(
        bank_reference=f"BANK-{next(REFERENCES)}",
        amount=amount,
        currency="GBP",
        received_on=max(trade.on - timedelta(days=days_ago), date(2026, 6, 9)),
        remittance=number,
    )


def telling(trade: Trade, new: Any, *, at_partner: bool) -> Callable[[], Any]:
    """The deed of telling of a receipt, by the partner or by the agency's own bank."""
    from backline.collections import actions as collections
    from backline.kernel.outcomes import one
    from tenants.facility import actions as facility

    def tell() -> Any:
        if at_partner:
            return one(facility.hand_over(trade.agency.ref, [new], **trade.told))
        with trade.inside():
            return one(collections.receive([new], **trade.told))

    return tell


def allocated(trade: Trade, pick: int, other: int, share: Decimal) -> None:
    """A share of a waiting receipt is set against an open invoice."""
    from backline.collections.models import Receipt
    from backline.invoicing.models import Invoice

    with trade.inside():
        waiting = [row for row in Receipt.objects.order_by("id") if row.applied < row.amount]
        opened = list(
            Invoice.objects.filter(
                state="finalized", kind="invoice", open_amount__gt=0
            ).order_by("id")
        )  # fmt: skip
    if not waiting or not opened:
        return
    receipt, invoice = waiting[pick % len(waiting)], opened[other % len(opened)]
    most = min(receipt.amount - receipt.applied, invoice.open_amount)
    amount = (most * share).quantize(Decimal("0.01"))
    if amount:
        trade.allocates(receipt.pk, invoice.pk, str(amount))


def taken_back(trade: Trade, pick: int) -> None:
    """One of all allocations that stand is taken back."""
    from backline.collections import actions as collections
    from backline.collections.models import Allocation

    with trade.inside():
        rows = list(
            Allocation.objects.filter(reverses__isnull=True, reversed_by__isnull=True).order_by(
                "id"
            )
        )
        if rows:
            chosen = rows[pick % len(rows)].pk
            collections.take_back(chosen, reason="wrong", **trade.told)
