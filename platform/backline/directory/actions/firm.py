"""The firm itself: its books opened, its paper, its registrations, the accounts it pays from."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from backline.directory.actions import checks
from backline.directory.events import (
    BooksOpened,
    FirmChanged,
    PayingAccountAdded,
    RegistrationSet,
)
from backline.directory.models import FirmRecord, PayingAccount, Registration
from backline.directory.queries import HOLIDAY_BEFORE, day_of
from backline.kernel import copying, dated
from backline.kernel.actors import Actor
from backline.kernel.changing import change
from backline.kernel.errors import Fault, Invalid, refuse_if
from backline.kernel.events import record
from backline.ledger import actions as ledger
from rulebook.periods import week_of

CURRENCIES = {"GB": "GBP", "US": "USD"}
STATE = re.compile(r"state:[A-Z]{2}")
REFERENCES = {
    "hmrc_paye": (re.compile(r"[0-9]{3}/[A-Z0-9]{1,10}"), "123/AB456"),
    "irs": (re.compile(r"[0-9]{2}-[0-9]{7}"), "12-3456789"),
}
NEEDED = {"bacs": ("sun", "sort_code"), "ach": ("routing", "origin", "bank_name")}
RAIL_CURRENCIES = {"bacs": "GBP", "ach": "USD"}
ACCOUNTS = {"bacs": re.compile(r"[0-9]{8}"), "ach": re.compile(r"[0-9A-Z]{1,17}")}
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
    firm = FirmRecord(
        legal_name=legal_name,
        trading_name=trading_name or legal_name,
        country=country,
        currency=CURRENCIES[country],
        time_zone=time_zone,
        holiday_method="rolled_up" if country == "GB" else "none",
        week_starts=week_starts,
    )
    copying.create([firm])
    ledger.open_accounts(sorted(set(CURRENCIES.values())))
    record([BooksOpened(subject=firm.pk)], actor=actor, at=at)
    return firm


def change_firm(wanted: Mapping[str, Any], *, actor: Actor, at: datetime) -> FirmRecord:
    """Change what stands on the firm's paper."""
    firm = FirmRecord.objects.select_for_update().get()
    own = checks.settled(firm, wanted)
    refuse_if(checks.email(own.get("email", "")))
    method = firm.holiday_method
    if own.get("holiday_method", method) != method:
        own["settings"] = _with_method_before(firm, own.get("settings", firm.settings), at)
    elif "settings" in own and HOLIDAY_BEFORE in firm.settings:
        own["settings"] = own["settings"] | {HOLIDAY_BEFORE: firm.settings[HOLIDAY_BEFORE]}
    changes = change(firm, own)
    if changes:
        record([FirmChanged(subject=firm.pk, changes=changes)], actor=actor, at=at)
    return firm


def _with_method_before(
    firm: FirmRecord, settings: Mapping[str, Any], at: datetime
) -> dict[str, Any]:
    """Settings that say how holiday was paid until the next workweek begins; weeks that began keep
    it.
    """
    since = week_of(day_of(at, firm), firm.week_starts).ends
    before = [one for one in firm.settings.get(HOLIDAY_BEFORE, []) if one[0] < since.isoformat()]
    kept = firm.settings.get(HOLIDAY_BEFORE, [])
    method = kept[-1][1] if len(before) < len(kept) else firm.holiday_method
    return {**settings, HOLIDAY_BEFORE: [*before, [since.isoformat(), method]]}


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
    The same day again sets right what was noted for it.
    """
    firm = FirmRecord.objects.get()
    refuse_if(_faults_of(authority, reference, firm.country))
    same = Registration.objects.filter(authority=authority)
    row = same.select_for_update().filter(valid__startswith=since).first()
    changes: dict[str, Any] | None = None
    if row is not None:
        changes = change(row, {"reference": reference, "facts": dict(facts)})
    else:
        row = Registration.objects.create(
            authority=authority,
            reference=reference,
            facts=dict(facts),
            valid=dated.since(since, dated.succeed(same, since)),
        )
    if changes != {}:
        fact = RegistrationSet(subject=row.pk, authority=authority, changes=changes)
        record([fact], actor=actor, at=at)
    return row


def _faults_of(authority: str, reference: str, country: str) -> list[Fault]:
    known = AUTHORITIES[country]
    is_state = country == "US" and STATE.fullmatch(authority) is not None
    if authority not in known and not is_state:
        told = ", ".join((*known, "state:XX") if country == "US" else known)
        return [Fault("authority_unknown", f"Say one of {told}.", "/authority")]
    shape = REFERENCES.get(authority)
    if shape is not None and not shape[0].fullmatch(reference):
        return [Fault("reference_shape", f"Write it as {shape[1]}.", "/reference")]
    return []


def add_paying_account(
    *,
    name: str,
    rail: str,
    currency: str,
    account: str,
    facts: Mapping[str, Any],
    actor: Actor,
    at: datetime,
) -> PayingAccount:
    """Add the account the firm pays from by a rail; the one before stays and is no longer used.

    BACS needs sun and sort_code among the facts, ACH needs routing, origin and bank_name.
    """
    refuse_if(_faults_of_account(rail, currency, account, facts))
    same = PayingAccount.objects.filter(rail=rail, currency=currency, is_default=True)
    same.update(is_default=False)
    number = checks.plain_number(account)
    row = PayingAccount.objects.create(
        name=name,
        rail=rail,
        currency=currency,
        account=number,
        account_last=number[-4:],
        facts=dict(facts),
    )
    fact = PayingAccountAdded(
        subject=row.pk, rail=rail, currency=currency, account_last=row.account_last
    )
    record([fact], actor=actor, at=at)
    return row


def _faults_of_account(
    rail: str, currency: str, account: str, facts: Mapping[str, Any]
) -> list[Fault]:
    needed = NEEDED.get(rail)
    if needed is None:
        return [Fault("rail_unknown", "Payments go by bacs or ach.", "/rail")]
    faults = [
        Fault("required", f"A {rail} account needs {key}.", f"/facts/{key}")
        for key in needed
        if not isinstance(facts.get(key), str) or not facts[key].strip()
    ]
    if currency != RAIL_CURRENCIES[rail]:
        told = f"{rail} pays in {RAIL_CURRENCIES[rail]}."
        faults.append(Fault("currency_of_rail", told, "/currency"))
    if not ACCOUNTS[rail].fullmatch(checks.plain_number(account)):
        faults.append(Fault("account_shape", "This is no account number.", "/account"))
    return faults
