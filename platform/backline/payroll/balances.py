"""Balances: what workers owe the firm, paid too much or too soon, as it is remembered; what is
taken otherwise in one run alone; where a tax year began and stands; and what was taken out of one
that is over.
"""

from django.db import models
from django.db.models import F, Q

from backline.directory.models import Intermediary, Order, Worker
from backline.kernel import fields
from backline.kernel.models import Row


class Recovery(Row):
    """What a worker owes: an overpayment or an advance, and how it is taken from later pay.

    `owed` is what is still owed. `method` gross takes it back before tax, in the tax year in which
    it was paid; in a later one it is taken from net pay.
    """

    PREFIX = "rcv"

    class Kind(models.TextChoices):
        """Paid too much, or paid before it was earned."""

        OVERPAYMENT = "overpayment"
        ADVANCE = "advance"

    class Method(models.TextChoices):
        """Taken before tax, or from net pay."""

        GROSS = "gross"
        NET = "net"

    class Way(models.TextChoices):
        """From pay, or by the worker's own transfers."""

        PAY = "pay"
        BANK = "bank"

    worker = models.ForeignKey(Worker, models.PROTECT, related_name="recoveries")
    kind = models.CharField(max_length=12, choices=Kind)
    method = models.CharField(max_length=5, choices=Method)
    country = models.CharField(max_length=2)
    tax_year = models.CharField(max_length=9)
    currency = fields.currency()
    amount = fields.amount()
    owed = fields.amount()
    cap = fields.amount(null=True)
    priority = models.SmallIntegerField(default=50)
    way = models.CharField(max_length=4, choices=Way, default=Way.PAY)
    since = models.DateField(null=True)
    reason = fields.words(200)
    # the run that pays an advance, and the statement that did; else the statement it came of
    run = models.ForeignKey("payroll.PayRun", models.PROTECT, null=True, related_name="advances")
    statement = models.ForeignKey(
        "payroll.Payslip", models.PROTECT, null=True, related_name="recoveries"
    )
    opened_at = models.DateTimeField()
    agreed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(owed__gte=0) & Q(owed__lte=F("amount")), name="recovery_within_amount"
            ),
            models.UniqueConstraint(
                fields=["statement"],
                condition=Q(kind="overpayment"),
                name="one_overpayment_a_statement",
            ),
        )


class Override(Row):
    """What one run takes for a deduction or a recovery instead of what stands."""

    PREFIX = "ovr"

    run = models.ForeignKey("payroll.PayRun", models.PROTECT, related_name="overrides")
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="+")
    recovery = models.ForeignKey(Recovery, models.PROTECT, null=True, related_name="+")
    amount = fields.amount()
    reason = models.CharField(max_length=200)
    set_at = models.DateTimeField()
    set_by = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["run", "order", "recovery"],
                nulls_distinct=False,
                name="one_override_a_deduction",
            ),
            models.CheckConstraint(
                condition=Q(order__isnull=True) ^ Q(recovery__isnull=True),
                name="override_is_of_one",
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="override_is_no_payment"),
        )


class OpeningFigure(models.Model):
    """A year-to-date amount a worker brought along when this firm's books were opened."""

    id = models.BigAutoField(primary_key=True)
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="opening_figures")
    tax_year = models.CharField(max_length=9)
    key = models.CharField(max_length=60)
    amount = fields.amount()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["worker", "tax_year", "key"], name="one_opening_figure_a_key"
            ),
        )


class YearToDate(models.Model):
    """Where a tax year of a worker stands: the last final statement, from which the next one goes
    on; for pay that is deemed, one a company.
    """

    id = models.BigAutoField(primary_key=True)
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="+", db_index=False)
    country = models.CharField(max_length=2)
    tax_year = models.CharField(max_length=9)
    intermediary = models.ForeignKey(
        Intermediary, models.PROTECT, null=True, related_name="+", db_index=False
    )
    statement = models.UUIDField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["worker", "country", "tax_year", "intermediary"],
                nulls_distinct=False,
                name="one_year_to_date",
            ),
        )


class YearCorrection(Row):
    """A statement of a tax year that is over, taken out of that year's figures. Insert only."""

    PREFIX = "yco"

    statement = models.OneToOneField(
        "payroll.Payslip", models.PROTECT, related_name="year_correction"
    )
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="year_corrections")
    country = models.CharField(max_length=2)
    tax_year = models.CharField(max_length=9)
    figures = models.JSONField()
    reason = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    made_by = models.JSONField()
