"""What the directory remembers: the firm, its registrations and banks, workers, clients, sites,
intermediaries.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from backline.kernel import fields
from backline.kernel.models import Document, Row
from backline.kernel.sealing import SealedText


class FirmRecord(Row):
    """The firm as it appears on paper; one row."""

    PREFIX = "frm"

    only = models.BooleanField(default=True, unique=True)
    legal_name = models.CharField(max_length=120)
    trading_name = fields.words()
    country = models.CharField(max_length=2)
    currency = fields.currency()
    time_zone = models.CharField(max_length=40)
    week_starts = models.SmallIntegerField(default=0)
    address = models.JSONField(default=dict)
    email = fields.words(200)
    phone = fields.words(40)
    company_number = fields.words(40)
    vat_number = fields.words(20)
    holiday_method = models.CharField(max_length=20, default="rolled_up")
    settings = models.JSONField(default=dict)


class Registration(Row):
    """The firm at one authority: PAYE scheme, EIN, a state's unemployment account with the firm's
    own rate.
    """

    PREFIX = "reg"

    authority = models.CharField(max_length=30)
    reference = fields.words(60)
    facts = models.JSONField(default=dict)
    valid = DateRangeField()

    class Meta:
        constraints = (
            ExclusionConstraint(
                name="one_registration_at_a_time",
                expressions=[
                    (F("authority"), RangeOperators.EQUAL),
                    (F("valid"), RangeOperators.OVERLAPS),
                ],
            ),
        )


class PayingAccount(Row):
    """A bank account of the firm that pays: BACS with its service user number, or ACH with its
    origin.
    """

    PREFIX = "pya"

    name = models.CharField(max_length=80)
    rail = models.CharField(max_length=10)
    currency = fields.currency()
    account = SealedText()
    account_last = models.CharField(max_length=4)
    facts = models.JSONField(default=dict)
    is_default = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(rail__in=["bacs", "ach"]), name="paying_rail_is_known"
            ),
            models.UniqueConstraint(
                fields=["rail", "currency"],
                condition=Q(is_default=True),
                name="one_default_account_a_rail",
            ),
        )


class Worker(Row):
    """Someone who works on assignments."""

    PREFIX = "wrk"

    given_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80)
    preferred_name = fields.words(80)
    email = fields.words(200)
    phone = fields.words(40)
    address = models.JSONField(default=dict)
    country = models.CharField(max_length=2)
    born_on = SealedText(blank=True, default="")
    tax_id = SealedText(blank=True, default="")
    tax_id_last = models.CharField(max_length=4, blank=True, default="")
    tax_id_index = models.BinaryField(null=True)
    reference = fields.words(40)
    state = models.CharField(max_length=12, default="active")
    holiday_hours = fields.quantity(default=0)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=["active", "inactive"]), name="worker_state_is_known"
            ),
        )
        indexes = (models.Index(fields=["tax_id_index"], name="worker_by_tax_id"),)


class Intermediary(Row):
    """A company between the firm and the worker: an umbrella, or the worker's own limited
    company.
    """

    PREFIX = "imy"

    kind = models.CharField(max_length=12)
    legal_name = models.CharField(max_length=120)
    company_number = fields.words(20)
    vat_number = fields.words(20)
    vat_registered = models.BooleanField(default=False)
    self_billing = models.BooleanField(default=False)
    email = fields.words(200)
    address = models.JSONField(default=dict)
    approved_from = models.DateField(null=True)
    approved_until = models.DateField(null=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=["umbrella", "limited"]), name="intermediary_kind_is_known"
            ),
        )


class CompanyStanding(Row):
    """One decision of the register: a company may be used from a day, or may not. Insert only."""

    PREFIX = "cst"

    class State(models.TextChoices):
        """approved until its last day or the next decision; suspended from its day on."""

        APPROVED = "approved"
        SUSPENDED = "suspended"

    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="standings")
    state = models.CharField(max_length=12, choices=State)
    since = models.DateField()
    until = models.DateField(null=True)
    risk = fields.words(10)
    review_on = models.DateField(null=True)
    accreditation = fields.words()
    reason = fields.words(200)
    decided_at = models.DateTimeField()
    decided_by = models.JSONField()


class SelfBilling(Row):
    """A company's agreement that we write its invoices: until when, and its VAT number then."""

    PREFIX = "sba"

    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="agreements")
    valid = DateRangeField()
    vat_number = fields.words(20)
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    agreed_at = models.DateTimeField()
    agreed_by = models.JSONField()
    withdrawn = models.BooleanField(default=False)


class BankAccount(Row):
    """Where a worker or an intermediary is paid; a proposal until a second person approves it.
    Never edited.
    """

    PREFIX = "bnk"

    class State(models.TextChoices):
        """proposed, then approved or refused; replaced when a newer one is approved; failed when it
        bounced.
        """

        PROPOSED = "proposed"
        APPROVED = "approved"
        REFUSED = "refused"
        REPLACED = "replaced"
        FAILED = "failed"

    worker = models.ForeignKey(Worker, models.PROTECT, null=True, related_name="bank_accounts")
    intermediary = models.ForeignKey(
        Intermediary, models.PROTECT, null=True, related_name="bank_accounts"
    )
    rail = models.CharField(max_length=10)
    holder = models.CharField(max_length=80)
    routing = SealedText()
    account = SealedText()
    account_last = models.CharField(max_length=4)
    account_type = models.CharField(max_length=10, blank=True, default="")
    state = fields.state(State, State.PROPOSED)
    proposed_by = models.JSONField()
    proposed_at = models.DateTimeField()
    decided_by = models.JSONField(null=True)
    decided_by_id = fields.words(60)
    proposed_by_id = models.CharField(max_length=60)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(worker__isnull=False, intermediary__isnull=True)
                | Q(worker__isnull=True, intermediary__isnull=False),
                name="bank_account_has_one_holder",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | ~Q(decided_by_id=F("proposed_by_id")),
                name="bank_account_second_person",
            ),
            models.UniqueConstraint(
                fields=["worker"],
                condition=Q(state="approved"),
                name="one_approved_account_a_worker",
            ),
            models.UniqueConstraint(
                fields=["intermediary"],
                condition=Q(state="approved"),
                name="one_approved_account_a_company",
            ),
        )


class TaxElection(Row):
    """What decides a worker's tax from a day: a UK tax code and NI letter, a W-4, a state
    certificate.
    """

    PREFIX = "tax"

    worker = models.ForeignKey(Worker, models.PROTECT, related_name="elections")
    kind = models.CharField(max_length=20)
    facts = models.JSONField()
    valid = DateRangeField()
    source = fields.words(40)
    set_at = models.DateTimeField()
    set_by = models.JSONField()
    withdrawn = models.BooleanField(default=False)

    class Meta:
        constraints = (
            ExclusionConstraint(
                name="one_election_at_a_time",
                expressions=[
                    (F("worker"), RangeOperators.EQUAL),
                    (F("kind"), RangeOperators.EQUAL),
                    (F("valid"), RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn=False),
            ),
        )


class Order(Row):
    """A court or agency order, loan or other standing deduction from a worker's pay, with its
    payee.
    """

    PREFIX = "ord"

    worker = models.ForeignKey(Worker, models.PROTECT, related_name="orders")
    kind = models.CharField(max_length=30)
    payee = models.CharField(max_length=120)
    case_number = fields.words(60)
    priority = models.SmallIntegerField(default=100)
    facts = models.JSONField(default=dict)
    valid = DateRangeField()


class Client(Row):
    """A company that workers are assigned to."""

    PREFIX = "cli"

    legal_name = models.CharField(max_length=120)
    trading_name = fields.words()
    reference = fields.words(40)
    country = models.CharField(max_length=2)
    currency = fields.currency()
    billing_address = models.JSONField(default=dict)
    vat_number = fields.words(20)
    ownership = fields.words(10)
    state = models.CharField(max_length=12, default="active")
    credit_limit = fields.amount(null=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=["prospect", "active", "on_hold", "closed"]),
                name="client_state_is_known",
            ),
        )


class Terms(Row):
    """How a client is billed, from a day: days to pay, how lines become invoices, tax, purchase
    orders.
    """

    PREFIX = "trm"

    client = models.ForeignKey(Client, models.PROTECT, related_name="terms")
    valid = DateRangeField()
    net_days = models.SmallIntegerField(default=30)
    from_month_end = models.BooleanField(default=False)
    group_by = models.JSONField(default=list)
    split_by_month = models.BooleanField(default=False)
    po_required = models.BooleanField(default=False)
    tax_treatment = models.CharField(max_length=30, default="standard")
    attach_timesheets = models.BooleanField(default=True)
    overtime_billed = models.BooleanField(default=True)
    penalties_billed = models.BooleanField(default=False)
    deliver_by = models.CharField(max_length=8, default="email")
    deliver_to = models.JSONField(default=list)
    wait_for_all = models.BooleanField(default=False)

    class Meta:
        constraints = (
            ExclusionConstraint(
                name="one_set_of_terms_at_a_time",
                expressions=[
                    (F("client"), RangeOperators.EQUAL),
                    (F("valid"), RangeOperators.OVERLAPS),
                ],
            ),
        )


class Contact(Row):
    """A person at a client: approves time, receives invoices."""

    PREFIX = "con"

    client = models.ForeignKey(Client, models.PROTECT, related_name="contacts")
    name = models.CharField(max_length=120)
    email = fields.words(200)
    phone = fields.words(40)
    job_title = fields.words(80)
    roles = models.JSONField(default=list)
    state = models.CharField(max_length=12, default="active")
    version = models.IntegerField(default=1)


class Site(Row):
    """Where work is done: it decides the time zone, the holidays and, in the US, the tax."""

    PREFIX = "sit"

    client = models.ForeignKey(Client, models.PROTECT, related_name="sites")
    name = models.CharField(max_length=120)
    address = models.JSONField(default=dict)
    country = models.CharField(max_length=2)
    region = fields.words(10)
    locality = fields.words(60)
    time_zone = models.CharField(max_length=40)
    version = models.IntegerField(default=1)
