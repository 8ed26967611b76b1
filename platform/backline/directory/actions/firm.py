"""The firm itself: its books opened, its paper, its registrations, the accounts it pays from."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from backline.directory.events import BooksOpened, FirmChanged, RegistrationSet
from backline.directory.models import FirmRecord, PayingAccount, Registration
from backline.kernel import dated
from backline.kernel.actors import Actor
from backline.kernel.changing import change
from backline.kernel.errors import Conflict, Fault, Invalid, refuse_if
from backline.kernel.events import record
from backline.ledger import actions as ledger

CURRENCIES = {"GB": "GBP", "US": "USD"}
AUTHORITIES = {
    "GB": ("hmrc_paye", "hmrc_vat", "hmrc_cis", "pension"),
    "US": ("irs", "pension"),
}


def open_books(
    *,
    legal_name: str,
    country: str,
    time_zone: str,
    actor: Actor,
    at: datetime,
    trading_name: str = "",
    week_starts: int = 0,
) -> FirmRecord:
    """Open a firm's books: its own record and the chart of accounts; again changes nothing."""
    known = FirmRecord.objects.first()
    if known is not None:
        return known
    if country not in CURRENCIES:
        raise Invalid("country_unknown", "Books can be opened for GB and US.", pointer="/country")
    firm = FirmRecord.objects.create(
        legal_name=legal_name,
        trading_name=trading_name or legal_name,
        country=country,
        currency=CURRENCIES[country],
        time_zone=time_zone,
        holiday_method="rolled_up" if country == "GB" else "none",
        week_starts=week_starts,
    )
    ledger.open_accounts(sorted(set(CURRENCIES.values())))
    record([BooksOpened(subject=firm.pk)], actor=actor, at=at)
    return firm


def change_firm(wanted: Mapping[str, Any], *, actor: Actor, at: datetime) -> FirmRecord:
    """Change what stands on the firm's paper."""
    firm = FirmRecord.objects.select_for_update().get()
    changes = change(firm, wanted)
    if changes:
        record([FirmChanged(subject=firm.pk, changes=changes)], actor=actor, at=at)
    return firm


def register(
    authority: str,
    *,
    reference: str,
    facts: Mapping[str, Any],
    since: date,
    actor: Actor,
    at: datetime,
) -> Registration:
    """Note the firm's registration with an authority from a day; the one before ends there.

    `authority` is hmrc_paye, hmrc_vat, hmrc_cis, pension, irs, or state:TX for a state of the US.
    """
    firm = FirmRecord.objects.get()
    if authority not in AUTHORITIES[firm.country] and not authority.startswith("state:"):
        known = ", ".join(AUTHORITIES[firm.country])
        raise Invalid("authority_unknown", f"Say one of {known} or state:XX.", pointer="/authority")
    same = Registration.objects.filter(authority=authority)
    twin = same.filter(valid__startswith=since).first()
    if twin is not None:
        twin.reference, twin.facts = reference, dict(facts)
        twin.save(update_fields=["reference", "facts"])
        return twin
    until = dated.succeed(same, since)
    row = Registration.objects.create(
        authority=authority,
        reference=reference,
        facts=dict(facts),
        valid=dated.since(since, until),
    )
    record([RegistrationSet(subject=row.pk, authority=authority)], actor=actor, at=at)
    return row


def add_paying_account(
    *, name: str, rail: str, currency: str, account: str, facts: Mapping[str, Any]
) -> PayingAccount:
    """Add the account the firm pays from: BACS needs sun and sort_code, ACH needs routing and
    origin.
    """
    needed = {"bacs": ("sun", "sort_code"), "ach": ("routing", "origin", "bank_name")}.get(rail)
    if needed is None:
        raise Invalid("rail_unknown", "Payments go by bacs or ach.", pointer="/rail")
    faults = [
        Fault("required", f"A {rail} account needs {key}.", f"/facts/{key}")
        for key in needed
        if not facts.get(key)
    ]
    refuse_if(faults)
    if PayingAccount.objects.filter(rail=rail, currency=currency, is_default=True).exists():
        raise Conflict("paying_account_exists", f"There is a {rail} account in {currency} already.")
    return PayingAccount.objects.create(
        name=name,
        rail=rail,
        currency=currency,
        account=account,
        account_last=account[-4:],
        facts=dict(facts),
    )
