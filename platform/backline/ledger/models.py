"""What the ledger remembers: accounts, postings and their entries. Nothing of it is ever changed,
and nothing deleted.
"""

from django.db import models
from django.db.models import F, Q

from backline.kernel import fields
from backline.kernel.constraints import CompositeForeignKey
from backline.kernel.models import Row


class Account(Row):
    """An account of the chart: its code, what it is, in one currency."""

    PREFIX = "acc"

    class Kind(models.TextChoices):
        """Which side grows it: assets and expenses by debit, the others by credit."""

        ASSET = "asset"
        LIABILITY = "liability"
        EQUITY = "equity"
        INCOME = "income"
        EXPENSE = "expense"
        MEMO = "memo"

    code = models.CharField(max_length=12)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=Kind)
    currency = fields.currency()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["code", "currency"], name="one_account_a_code_and_currency"
            ),
        )


class AccountPair(models.Model):
    """Two accounts of one currency between which something was ever moved. Insert only.

    An entry names this row by all three: with one key it is held to both of its accounts and to
    their currency.
    """

    id = models.BigAutoField(primary_key=True)
    debit = models.CharField(max_length=12)
    credit = models.CharField(max_length=12)
    currency = fields.currency()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["debit", "credit", "currency"], name="one_pair_of_two_accounts"
            ),
            CompositeForeignKey(
                name="debit_is_an_account",
                columns=("debit", "currency"),
                to="ledger_account",
                to_columns=("code", "currency"),
            ),
            CompositeForeignKey(
                name="credit_is_an_account",
                columns=("credit", "currency"),
                to="ledger_account",
                to_columns=("code", "currency"),
            ),
        )


class Posting(Row):
    """A business event in the books: the event's own key, claimed once, with a hash of its
    entries.
    """

    PREFIX = "pst"

    key = models.CharField(max_length=200, unique=True)
    digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=40)
    effective_on = models.DateField()
    posted_at = models.DateTimeField()
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    pair = models.CharField(max_length=200, blank=True, default="")
    actor = models.JSONField()
    narrative = fields.words(200)


class Entry(models.Model):
    """One debit, one credit, one positive amount: it balances by its shape.

    Both accounts are named by their code within the entry's own currency. Each leg names its own
    subject (an invoice, a worker, a receipt) for sub-ledgers.
    """

    id = models.BigAutoField(primary_key=True)
    posting = models.ForeignKey(
        Posting, models.PROTECT, related_name="entries", db_index=False, db_constraint=False
    )
    n = models.IntegerField()
    debit = models.CharField(max_length=12)
    debit_subject = models.UUIDField(null=True)
    credit = models.CharField(max_length=12)
    credit_subject = models.UUIDField(null=True)
    amount = fields.amount()
    currency = fields.currency()
    effective_on = models.DateField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["posting", "n"], name="one_entry_a_place"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="entry_is_positive"),
            models.CheckConstraint(
                condition=~Q(debit=F("credit"), debit_subject=F("credit_subject")),
                name="entry_moves_something",
            ),
            CompositeForeignKey(
                name="entry_is_between_two_accounts",
                columns=("debit", "credit", "currency"),
                to="ledger_accountpair",
                to_columns=("debit", "credit", "currency"),
            ),
        )
        indexes = (
            models.Index(
                fields=["debit", "debit_subject"], include=["amount"], name="entry_by_debit"
            ),
            models.Index(
                fields=["credit", "credit_subject"], include=["amount"], name="entry_by_credit"
            ),
        )
