"""Chain: what payroll remembers of the companies between firm and worker: who let one be paid that
is off the register, and what an umbrella's payslips say against what they should.
"""

from django.db import models

from backline.directory.models import Intermediary, Worker
from backline.kernel import fields
from backline.kernel.models import Document, Row
from backline.payroll.models import PayRun, Payslip


class CompanyAllowance(Row):
    """A named approver lets one run pay through a company that is off the register. Insert only."""

    PREFIX = "alw"

    run = models.ForeignKey(PayRun, models.PROTECT, related_name="allowances")
    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="allowances")
    reason = models.CharField(max_length=300)
    allowed_at = models.DateTimeField()
    allowed_by = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["run", "intermediary"], name="one_allowance_a_run_and_company"
            ),
        )


class UmbrellaPayslip(Row):
    """What an umbrella's payslip says for one payment through it, and what it should say; `proof`
    is the reference under which the umbrella told HMRC. Insert only, a newer one replaces.
    """

    PREFIX = "ups"

    statement = models.ForeignKey(Payslip, models.PROTECT, related_name="umbrella_payslips")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="umbrella_payslips")
    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="umbrella_payslips")
    tax_year = models.CharField(max_length=9)
    pay_on = models.DateField()
    currency = fields.currency()
    gross = fields.amount()
    margin = fields.amount(default=0)
    reported = models.JSONField(default=dict)
    gaps = models.JSONField(default=list)
    short = fields.amount(default=0)
    is_right = models.BooleanField()
    situation = models.JSONField()
    carried_forward = models.JSONField(default=dict)
    proof = fields.words()
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField()
    taken_by = models.JSONField()

    class Meta:
        indexes = (
            models.Index(
                fields=["worker", "intermediary", "tax_year"], name="umbrella_payslip_by_year"
            ),
        )
