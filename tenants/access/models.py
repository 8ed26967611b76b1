"""What access remembers: people, memberships, keys, sessions, and who entered from outside."""

from datetime import timedelta

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from backline.kernel.models import Row
from backline.kernel.sealing import SealedText
from tenants.access.roles import PEOPLE_ROLES

KEY_LASTS_AT_MOST = timedelta(days=366)
ACTING_LASTS_AT_MOST = timedelta(minutes=60)
REASON_AT_LEAST = 10


class People(BaseUserManager["Person"]):
    """Finds people by the e-mail they sign in with."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        """Find a person by e-mail, however it is spelled."""
        return self.get(email=(username or "").strip().lower())


class Person(Row, AbstractBaseUser):
    """Somebody who signs in; the same person in every firm and every session."""

    PREFIX = "psn"
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    email = models.CharField(max_length=254, unique=True)
    name = models.CharField(max_length=120)
    # The second factor's secret, and the last time step whose code was taken: no code works twice.
    factor = SealedText(blank=True, default="", vault="tenants.access.vault.SHARED")
    factor_step = models.BigIntegerField(default=0)
    next_factor = SealedText(blank=True, default="", vault="tenants.access.vault.SHARED")
    recovery = models.JSONField(default=list)
    factor_since = models.DateTimeField(null=True)
    joined_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True)

    objects = People()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="an_email_is_lower_case"
            ),
        )


class Membership(Row):
    """A person's place in one firm, from the invitation to the end."""

    PREFIX = "mbr"

    class State(models.TextChoices):
        """Only an active membership lets anybody in."""

        INVITED = "invited"
        ACTIVE = "active"
        ENDED = "ended"

    firm = models.ForeignKey("agencies.Firm", models.PROTECT, related_name="memberships")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="memberships")
    email = models.CharField(max_length=254)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=State, default=State.INVITED)
    invited_by = models.JSONField()
    invited_at = models.DateTimeField()
    # The invitation: which token, and until when it may be taken up.
    ticket = models.CharField(max_length=12, blank=True, default="")
    digest = models.BinaryField(null=True)
    ticket_ends_at = models.DateTimeField(null=True)
    joined_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["firm", "email"],
                condition=~Q(state="ended"),
                name="one_membership_a_person_and_firm",
            ),
            models.UniqueConstraint(
                fields=["ticket"], condition=~Q(ticket=""), name="one_invitation_a_ticket"
            ),
            models.CheckConstraint(
                condition=Q(role__in=sorted(PEOPLE_ROLES)), name="membership_role_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="invited", person__isnull=True)
                | Q(state="active", person__isnull=False, joined_at__isnull=False)
                | Q(state="ended", ended_at__isnull=False),
                name="membership_state_is_told",
            ),
        )
        indexes = (models.Index(fields=["person", "state"], name="membership_by_person"),)


class ApiKey(Row):
    """A program's way in: bound to one firm, holding some scopes, for a year at most."""

    PREFIX = "apk"

    firm = models.ForeignKey("agencies.Firm", models.PROTECT, related_name="api_keys")
    name = models.CharField(max_length=120)
    # Keys that follow one another share a series; two live side by side while programs change.
    series = models.UUIDField(db_index=True)
    key = models.CharField(max_length=12, unique=True)
    digest = models.BinaryField()
    scopes = models.JSONField()
    addresses = models.JSONField(default=list)
    livemode = models.BooleanField()
    made_by = models.JSONField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    last_used_from = models.CharField(max_length=45, blank=True, default="")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(expires_at__lte=F("made_at") + KEY_LASTS_AT_MOST)
                & Q(expires_at__gt=F("made_at")),
                name="a_key_expires_within_a_year",
            ),
        )


class Session(Row):
    """A person signed in to one firm, by page or by API."""

    PREFIX = "ses"

    class Kind(models.TextChoices):
        """A page's session travels in a cookie, the API's in a header; neither serves twice."""

        API = "api"
        PAGE = "page"

    person = models.ForeignKey(Person, models.PROTECT, related_name="sessions")
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    firm = models.ForeignKey("agencies.Firm", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=4, choices=Kind)
    key = models.CharField(max_length=12, unique=True)
    digest = models.BinaryField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    fresh_until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=20, blank=True, default="")
    address = models.CharField(max_length=45, blank=True, default="")

    class Meta:
        indexes = (models.Index(fields=["ends_at"], name="session_by_end"),)


class ActingToken(Row):
    """A person of the partner inside one agency, for a reason and for an hour at most."""

    PREFIX = "act"

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    session = models.ForeignKey(Session, models.PROTECT, related_name="+")
    firm = models.ForeignKey("agencies.Firm", models.PROTECT, related_name="+")
    partner = models.ForeignKey("agencies.Firm", models.PROTECT, related_name="+")
    # Kept as told: the agency reads who it was without reading the partner's own records.
    person_name = models.CharField(max_length=120)
    partner_name = models.CharField(max_length=160)
    role = models.CharField(max_length=20)
    reason = models.TextField()
    key = models.CharField(max_length=12, unique=True)
    digest = models.BinaryField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    fresh_until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(expires_at__lte=F("issued_at") + ACTING_LASTS_AT_MOST)
                & Q(expires_at__gt=F("issued_at")),
                name="acting_ends_within_an_hour",
            ),
            models.CheckConstraint(
                condition=Q(reason__regex=rf"\S.{{{REASON_AT_LEAST - 2},}}\S"),
                name="acting_has_a_reason",
            ),
        )
        indexes = (models.Index(fields=["firm", "-id"], name="acting_by_firm"),)


class Attempt(models.Model):
    """How often a sign-in was tried of late for one account or from one address, neither named."""

    key = models.BinaryField(primary_key=True)
    count = models.IntegerField(default=0)
    last_at = models.DateTimeField()
    blocked_until = models.DateTimeField(null=True)


class SharedKey(Row):
    """A data key for what is sealed in the shared schema, wrapped as a firm's are."""

    PREFIX = "key"

    purpose = models.CharField(max_length=20)
    version = models.SmallIntegerField()
    wrapped = models.BinaryField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["purpose", "version"], name="one_shared_key_a_version"),
        )
