"""What is published of each agency: the sums of a week, and what is open on its desk. Shared
schema.
"""

from django.db import models

from backline.kernel import fields
from backline.kernel.models import Row
from tenants.agencies.models import Firm


class AgencyWeek(Row):
    """One agency's week in one currency, as sums; `seq` is the place of the agency's feed it
    counts up to.
    """

    PREFIX = "agw"

    agency = models.ForeignKey(Firm, models.PROTECT, related_name="+")
    week_starts_on = models.DateField()
    currency = fields.currency()
    workers = models.IntegerField(default=0)
    sheets = models.IntegerField(default=0)
    sheets_approved = models.IntegerField(default=0)
    hours = fields.quantity(default=0)
    bill = fields.amount(default=0)
    pay = fields.amount(default=0)
    burden = fields.amount(default=0)
    margin = fields.amount(default=0)
    invoiced = fields.amount(default=0)
    paid_out = fields.amount(default=0)
    runs = models.JSONField(default=list)
    seq = models.BigIntegerField()
    as_of = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["agency", "week_starts_on", "currency"], name="one_row_an_agency_week"
            ),
        )
        indexes = (models.Index(fields=["week_starts_on"], name="agency_week_by_week"),)


class AgencyPosition(Row):
    """Where one agency stands now: money owed, advanced, still to be drawn, waiting, and what is
    open on its desk by kind.

    `headroom` is below zero when more is advanced than may be, and null where nothing is funded.
    """

    PREFIX = "agp"

    agency = models.OneToOneField(Firm, models.PROTECT, related_name="+")
    currency = fields.currency()
    receivable = fields.amount(default=0)
    in_use = fields.amount(default=0)
    headroom = fields.amount(null=True)
    unapplied = fields.amount(default=0)
    exceptions = models.JSONField(default=list)
    seq = models.BigIntegerField()
    as_of = models.DateTimeField()
