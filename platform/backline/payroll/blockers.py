"""Blockers: what keeps a worker, or a whole run, from being paid, as data that says who must
do what.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backline.desk.responsibilities import KINDS
from backline.directory import queries as directory
from backline.onboarding import queries as onboarding
from backline.payroll.gathering import THROUGH_COMPANY, Gathered, Payee
from backline.payroll.models import PayRun

RAIL = {"GBP": "bacs", "USD": "ach"}


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
    needed = {"paye": "hmrc_paye", "cis": "hmrc_cis", "w2": "irs"}
    for authority in sorted(
        {needed[route] for route in routes if route in needed} - registered.keys()
    ):
        told = f"The firm is not registered with {authority} on {run.pay_on.isoformat()}."
        found.append(Blocker("registration_missing", told, "owner", pointer=authority))
    return found


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
        if gathered.account(payee) is None:
            told = "No approved bank account is known."
            blocked.append(
                Blocker("bank_account_missing", told, _owner("bank_account_missing"), payee[0])
            )
        blocked.extend(_of_company(gathered, payee))
    return {payee: _once(own) for payee, own in found.items() if own}


def faults_of_pack(payee: Payee, faults: Sequence[tuple[str, str, str]]) -> list[Blocker]:
    """The faults of a situation, as blockers of its worker."""
    owner = "ops_payroll"
    return [Blocker(code, sentence, owner, payee[0], pointer) for pointer, code, sentence in faults]


def _of_company(gathered: Gathered, payee: Payee) -> list[Blocker]:
    worker, route, company = payee
    if route not in THROUGH_COMPANY or company is None:
        return []
    row, on = gathered.companies[company], gathered.run.pay_on
    is_approved = row.approved_from is not None and row.approved_from <= on
    if is_approved and (row.approved_until is None or on <= row.approved_until):
        return []
    told = f"{row.legal_name} is not on the list of approved companies on {on.isoformat()}."
    return [Blocker("company_not_approved", told, "ops_compliance", worker)]


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
