"""The registry of firms and of what was done to them. Shared schema."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from backline.kernel.models import Row


class Firm(Row):
    """A partner or an agency: where its books lie, and whether anybody may enter."""

    PREFIX = "agy"

    class Kind(models.TextChoices):
        """Whose books these are."""

        AGENCY = "agency"
        PARTNER = "partner"

    class State(models.TextChoices):
        """Only an active firm is reachable."""

        SPARE = "spare"
        PROVISIONING = "provisioning"
        ACTIVE = "active"
        SUSPENDED = "suspended"
        CLOSED = "closed"

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.AGENCY)
    name = models.CharField(max_length=160, blank=True, default="")
    schema = models.CharField(max_length=63, unique=True)
    role = models.CharField(max_length=63, unique=True)
    state = models.CharField(max_length=12, choices=State, default=State.SPARE)
    country = models.CharField(max_length=2, blank=True, default="")
    partner = models.ForeignKey("self", models.PROTECT, null=True, related_name="agencies")
    clock = models.DateTimeField(null=True)
    livemode = models.BooleanField(
        default=True
    )  # False for a sandbox: nothing it does reaches real people
    # The same order again is the same firm, whatever became of the first try.
    order = models.CharField(max_length=160, null=True)  # noqa: DJ001  # a spare has none, and many are spare
    facts = models.JSONField(default=dict)
    # The name of what the schema holds; empty while there is no schema.
    release = models.CharField(max_length=64, blank=True, default="")
    ordered_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=["agency", "partner"]), name="firm_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["spare", "provisioning", "active", "suspended", "closed"]),
                name="firm_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(role=F("schema")), name="a_role_is_named_like_its_schema"
            ),
            models.CheckConstraint(
                condition=Q(state="spare") | ~Q(name=""), name="a_firm_in_use_has_a_name"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["active", "suspended"]) | ~Q(release=""),
                name="a_firm_is_reachable_only_with_books",
            ),
            models.CheckConstraint(
                condition=Q(kind="agency", partner__isnull=False)
                | Q(kind="partner", partner__isnull=True)
                | Q(state="spare"),
                name="an_agency_has_a_partner",
            ),
            models.UniqueConstraint(fields=["partner", "order"], name="one_firm_an_order"),
        )
        indexes = (models.Index(fields=["state"], name="firm_by_state"),)


class Release(models.Model):
    """What the schemas of one release hold. Insert only."""

    name = models.CharField(max_length=64, primary_key=True)
    migrations = models.JSONField()  # pairs of an app and a name


class Step(Row):
    """One thing done to a firm: by whom, when, why. Insert only."""

    PREFIX = "fst"

    firm = models.ForeignKey(Firm, models.PROTECT, related_name="steps")
    deed = models.CharField(max_length=40)
    was = models.CharField(max_length=12)
    became = models.CharField(max_length=12)
    reason = models.TextField(blank=True, default="")
    actor = models.JSONField()
    at = models.DateTimeField()


MOVES: dict[str, frozenset[str]] = {
    Firm.State.SPARE: frozenset({Firm.State.PROVISIONING}),
    Firm.State.PROVISIONING: frozenset({Firm.State.ACTIVE, Firm.State.CLOSED}),
    Firm.State.ACTIVE: frozenset({Firm.State.SUSPENDED}),
    Firm.State.SUSPENDED: frozenset({Firm.State.ACTIVE, Firm.State.CLOSED}),
    Firm.State.CLOSED: frozenset(),
}
