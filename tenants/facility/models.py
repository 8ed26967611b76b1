"""What the facility remembers in the shared schema: when two books were compared and where
they differed.
"""

from django.db import models

from backline.kernel.models import Row
from tenants.agencies.models import Firm


class Reconciliation(Row):
    """One comparison of an agency's books with its partner's; no breaks, or each by name.
    Insert only.
    """

    PREFIX = "rec"

    agency = models.ForeignKey(Firm, models.PROTECT, related_name="+")
    checked_at = models.DateTimeField()
    currency = models.CharField(max_length=3, blank=True, default="")
    figures = models.JSONField(default=dict)
    breaks = models.JSONField(default=list)

    class Meta:
        indexes = (models.Index(fields=["agency", "checked_at"], name="comparison_by_agency"),)
