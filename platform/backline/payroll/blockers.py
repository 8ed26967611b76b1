"""Blockers: what keeps a worker, or a whole run, from being paid, as data that says who must
do what.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backline.assignments.engagements import COMPANY, COUNTRY
from backline.desk.responsibilities import KINDS
from backline.directory import queries as directory
from backline.kernel import dated
from backline.onboarding import queries as onboarding
from backline.payroll import standing
from backline.payroll.deadlines import RAIL
from backline.payroll.files import rails
from backline.payroll.gathering import Gathered, Payee
from backline.payroll.models import PayRun


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing in the way: a stable code, a sentence, whose it is, and the worker (None: the
    whole run).
    """

    code: str
    detail: str
    owner: str
    worker: UUID | None = None
    pointer: str = ""

    def as_json(self) -> dict[str, Any]:
        """The blocker as the run keeps it."""
        return {
            "code": self.code,
            "detail": self.detail,
            "owner": self.owner,
            "worker": str(self.worker) if self.worker else None,
            "pointer": self.pointer,
        }


def of_run(run: PayRun, routes: Iterable[str]) -> list[Blocker]:
    """What keeps the whole run from being paid."""
    found = []
    rail = RAIL[run.currency]
    if directory.paying_account(rail, run.currency) is None:
        told = f"The firm has no {rail} account in {run.currency} to pay from."
        found.append(Blocker("paying_account_missing", told, "owner"))
    registered = directory.registrations(run.pay_on)
    needed = {"paye": "hmrc_paye", "cis": "hmrc_cis", "w2": "irs", "1099": "irs"}
    for authority in sorted(
        {needed[route] for route in routes if route in needed} - registered.keys()
    ):
        told = f"The firm is not registered with {authority} on {run.pay_on.isoformat()}."
        found.append(Blocker("registration_missing", told, "owner", pointer=authority))
    return found


def nothing_to_pay(others: bool) -> Blocker:
    """That no payslip came out: because everybody is held, or because there is no work."""
    told = "Everybody in this run is held." if others else "There is no approved work to pay."
    return Blocker("nothing_to_pay", told, "ops_payroll")


def of_workers(gathered: Gathered) -> dict[Payee, list[Blocker]]:
    """What keeps each payee from being paid, besides what the country's pack says."""
    found: dict[Payee, list[Blocker]] = {payee: [] for payee in gathered.charges}
    assignments = {
        charge.assignment_id: payee for payee, own in gathered.charges.items() for charge in own
    }
    on = gathered.run.pay_on
    for assignment, missing in onboarding.missing(assignments, on, blocks="pay").items():
        payee = assignments[assignment]
        found[payee] += [
            Blocker(
                "missing_form", f"{item.title} is missing.", "ops_compliance", payee[0], item.code
            )
            for item in missing
        ]
    for payee, blocked in found.items():
        blocked.extend(_of_account(gathered, payee))
        blocked.extend(_of_company(gathered, payee))
        blocked.extend(_of_orders(gathered, payee))
    return {payee: _once(own) for payee, own in found.items() if own}


def _of_account(gathered: Gathered, payee: Payee) -> list[Blocker]:
    """No account, one of another country's rail, or one whose holder no bank file can name."""
    account = gathered.account(payee)
    owner = _owner("bank_account_missing")
    if account is None:
        told = "No approved bank account is known."
        return [Blocker("bank_account_missing", told, owner, payee[0])]
    rail = RAIL[gathered.run.currency]
    if account.rail != rail:
        told = f"The bank account is for {account.rail}; this run pays by {rail}."
        return [Blocker("bank_account_rail", told, owner, payee[0], account.rail)]
    if not rails.is_readable(rails.plain(account.holder).encode("ascii", "ignore").decode()):
        told = "The holder's name has no letter that a bank file can carry."
        return [Blocker("bank_account_holder", told, owner, payee[0])]
    return []


def _of_orders(gathered: Gathered, payee: Payee) -> list[Blocker]:
    """Orders that arrived without their payee or case number: the law has them followed."""
    worker, route, _ = payee
    country, on = COUNTRY[route], gathered.run.pay_on
    return [
        Blocker(
            "order_incomplete",
            "An order to be followed lacks its payee or case number.",
            "ops_payroll",
            worker,
            order.kind,
        )
        for order in gathered.orders.get(worker, ())
        if standing.is_order(order, country, on) and not (order.payee and order.case_number)
    ]


def faults_of_pack(payee: Payee, faults: Sequence[tuple[str, str, str]]) -> list[Blocker]:
    """The faults of a situation, as blockers of its worker."""
    owner = "ops_payroll"
    return [Blocker(code, sentence, owner, payee[0], pointer) for pointer, code, sentence in faults]


def _of_company(gathered: Gathered, payee: Payee) -> list[Blocker]:
    worker, route, company = payee
    if route not in COMPANY or company is None:
        return []
    row, on = gathered.companies[company], gathered.run.pay_on
    found = []
    is_approved = row.approved_from is not None and row.approved_from <= on
    is_over = row.approved_until is not None and on > row.approved_until
    if (not is_approved or is_over) and company not in gathered.allowed:
        told = f"{row.legal_name} is not on the list of approved companies on {on.isoformat()}."
        found.append(Blocker("company_not_approved", told, "ops_compliance", worker))
    found.extend(_of_self_billing(gathered, payee, company))
    if row.kind == "limited" and not row.self_billing:
        found.extend(_of_invoice(gathered, payee, company))
    return found


def _of_self_billing(gathered: Gathered, payee: Payee, company: UUID) -> list[Blocker]:
    """VAT on an invoice that we write needs the company's agreement, under its number of today.

    Where none was ever written down here, the paper that is asked for stands for it.
    """
    row, on = gathered.companies[company], gathered.run.pay_on
    held = gathered.agreements.get(company, ())
    if not (row.self_billing and row.vat_registered and held):
        return []
    agreed = dated.in_force(held, on)
    if agreed is not None and agreed.vat_number == row.vat_number:
        return []
    told = f"The self-billing agreement of {row.legal_name} is not in force on {on.isoformat()}."
    if agreed is not None:
        before = agreed.vat_number or "none"
        told = f"{row.legal_name} agreed under VAT number {before} and has {row.vat_number} now."
    return [Blocker("self_billing_lapsed", told, "ops_compliance", payee[0])]


def _of_invoice(gathered: Gathered, payee: Payee, company: UUID) -> list[Blocker]:
    """A company that bills by itself is paid when its invoice agrees with the work."""
    name, invoice = gathered.companies[company].legal_name, gathered.invoices.get(company)
    if invoice is None:
        told = f"No invoice of {name} was accepted that is still to be paid."
        return [Blocker("supplier_invoice_missing", told, "ops_payroll", payee[0])]
    worked = sum(
        charge.pay_amount
        for one, charges in gathered.charges.items()
        if one[2] == company
        for charge in charges
    )
    if worked == invoice.expected_net:
        return []
    told = (
        f"{invoice.number} of {name} was set against {invoice.expected_net}; the work now comes to"
        f" {worked}."
    )
    return [Blocker("supplier_invoice_differs", told, "ops_payroll", payee[0], invoice.number)]


def _owner(kind: str) -> str:
    return KINDS[kind].role


def _once(blockers: Sequence[Blocker]) -> list[Blocker]:
    return list(dict.fromkeys(blockers))


def summary(found: Mapping[Payee, Sequence[Blocker]]) -> list[dict[str, Any]]:
    """All blockers of workers as a run keeps them, in a stable order."""
    flat = [blocker for own in found.values() for blocker in own]
    return [
        blocker.as_json()
        for blocker in sorted(flat, key=lambda one: (one.code, str(one.worker), one.pointer))
    ]
