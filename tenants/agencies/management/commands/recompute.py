"""python3 manage.py recompute: every final payslip worked out again, and held to what was paid."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backline.kernel import ids
from backline.payroll import recomputing
from backline.payroll.models import Payslip
from tenants import tenancy
from tenants.agencies import queries
from tenants.agencies.models import Firm

AT_ONCE = 500


@dataclass(slots=True)
class Proof:
    """What came of one firm's payslips."""

    firm: str
    payslips: int = 0
    differ: dict[str, list[str]] = field(default_factory=dict)


class Command(BaseCommand):
    """Works out every final payslip from what was stored with it; ends with 1 where one differs."""

    help = "Work out every final payslip again from what was stored with it, and prove equality."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one firm by its name or id; without it, all are gone through."""
        parser.add_argument("--agency", default="", help="A firm's name, or its id (agy_…).")

    def handle(self, *_args: Any, **given: Any) -> None:
        """Print a row a firm, then each payslip that differs."""
        with tenancy.shared():
            firms = list(_chosen(given["agency"]))
        if not firms:
            raise CommandError("There is no such agency.")
        proofs = [_proved(firm) for firm in firms]
        self.stdout.write(f"{'agency':<32}{'payslips':>10}{'the same':>10}{'differ':>8}")
        for proof in proofs:
            differ = len(proof.differ)
            self.stdout.write(
                f"{proof.firm[:31]:<32}{proof.payslips:>10}{proof.payslips - differ:>10}{differ:>8}"
            )
        found = [(proof.firm, *one) for proof in proofs for one in proof.differ.items()]
        for firm, slip, told in found:
            self.stdout.write(f"{firm}  {slip}  {'; '.join(told)}")
        if found:
            raise CommandError(f"{len(found)} payslips differ from what was paid.", returncode=1)


def _chosen(name: str) -> Iterator[Firm]:
    return (
        firm
        for firm in queries.reachable()
        if not name or name in {firm.name, ids.public(Firm.PREFIX, firm.pk)}
    )


def _proved(firm: Firm) -> Proof:
    proof = Proof(firm.name)
    with tenancy.firm(ids.public(Firm.PREFIX, firm.pk)):
        rows = Payslip.objects.filter(run__is_final=True).order_by("id")
        keys = list(rows.values_list("pk", flat=True))
        for start in range(0, len(keys), AT_ONCE):
            slips = list(rows.filter(pk__in=keys[start : start + AT_ONCE]))
            proof.payslips += len(slips)
            proof.differ |= {
                ids.public(Payslip.PREFIX, key): told
                for key, told in recomputing.differences(slips).items()
            }
    return proof
