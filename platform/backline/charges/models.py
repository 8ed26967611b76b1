"""What charges remember: one priced row a band of work or an agreed amount, with its two sides.
Insert only.
"""

from django.db import models
from django.db.models import Q

from backline.assignments.models import Assignment, RateAgreement
from backline.directory.models import Client, Worker
from backline.kernel import fields
from backline.kernel.models import Row
from backline.timesheets.models import Timesheet


class Charge(Row):
    """Something worked or agreed, priced once: a pay side, a bill side, or both, from one agreement
    version.

    `key` says what it is, so that it is never priced twice; `correction` groups what one correction
    posted.
    """

    PREFIX = "chg"

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=20)
    # Both are found by the indexes that begin with them and go on with the week.
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="+", db_index=False)
    client = models.ForeignKey(Client, models.PROTECT, related_name="+", null=True, db_index=False)
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="charges")
    timesheet = models.ForeignKey(Timesheet, models.PROTECT, related_name="charges", null=True)
    agreement = models.ForeignKey(RateAgreement, models.PROTECT, related_name="+", null=True)
    worked_on = models.DateField()
    week_starts_on = models.DateField()
    engagement = models.CharField(max_length=12)
    pay_frequency = models.CharField(max_length=14)
    code = models.CharField(max_length=20)
    label = models.CharField(max_length=120)
    unit = models.CharField(max_length=6, default="hour")
    pay_factor = models.DecimalField(max_digits=7, decimal_places=4, default=1)
    bill_factor = models.DecimalField(max_digits=7, decimal_places=4, default=1)
    region = fields.words(10)
    pay_quantity = fields.quantity(null=True)
    pay_rate = fields.rate(null=True)
    pay_amount = fields.amount(null=True)
    pay_currency = fields.currency(blank=True, default="")
    pay_treatment = models.CharField(max_length=20, default="work")
    bill_quantity = fields.quantity(null=True)
    bill_rate = fields.rate(null=True)
    bill_amount = fields.amount(null=True)
    bill_currency = fields.currency(blank=True, default="")
    bill_treatment = models.CharField(max_length=20, default="standard")
    expected_burden = fields.amount(default=0)
    po_number = fields.words(40)
    cost_centre = fields.words(40)
    correction = models.UUIDField(null=True)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrected_by")
    because = fields.words(200)
    priced_at = models.DateTimeField()
    posted_week = models.DateField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(pay_amount__isnull=False) | Q(bill_amount__isnull=False),
                name="charge_has_a_side",
            ),
            models.CheckConstraint(
                condition=Q(pay_amount__isnull=True) | ~Q(pay_currency=""),
                name="pay_side_has_a_currency",
            ),
            models.CheckConstraint(
                condition=Q(bill_amount__isnull=True) | ~Q(bill_currency=""),
                name="bill_side_has_a_currency",
            ),
        )
        indexes = (
            models.Index(fields=["worker", "week_starts_on"], name="charge_by_workweek"),
            models.Index(fields=["client", "week_starts_on"], name="charge_by_client_week"),
            models.Index(
                fields=["client", "po_number"],
                name="charge_by_order",
                condition=~Q(po_number=""),
            ),
        )


class UnpaidCharge(models.Model):
    """The pay side of a charge that is on no payslip: written with the charge, gone with the
    payslip.
    """

    charge = models.OneToOneField(
        Charge, models.PROTECT, primary_key=True, related_name="unpaid", db_constraint=False
    )
    worker = models.UUIDField()

    class Meta:
        indexes = (models.Index(fields=["worker"], name="unpaid_by_worker"),)


class UnbilledCharge(models.Model):
    """The bill side of a client's charge that is on no final invoice: written with the charge, gone
    with the invoice.
    """

    charge = models.OneToOneField(
        Charge, models.PROTECT, primary_key=True, related_name="unbilled", db_constraint=False
    )
    client = models.UUIDField()

    class Meta:
        indexes = (models.Index(fields=["client"], name="unbilled_by_client"),)


class Correction(Row):
    """Why weeks were worked out again, and what that came to on both sides."""

    PREFIX = "cor"

    kind = models.CharField(max_length=30)
    reason = models.CharField(max_length=300)
    key = models.CharField(max_length=200, unique=True)
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="+")
    week_starts_on = models.DateField()
    pay_difference = fields.amount(default=0)
    bill_difference = fields.amount(default=0)
    pay_currency = fields.currency(blank=True, default="")
    bill_currency = fields.currency(blank=True, default="")
    corrected_at = models.DateTimeField()
    actor = models.JSONField()
