"""BACS Standard 18: what is written can be read, adds up, and is refused with every fault."""

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from string import ascii_letters
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backline.kernel.errors import Invalid
from backline.payroll.files import bacs
from tests.papers import standard18

AGENCY = bacs.Originator("412893", "40-47-84", "70872490", "Northgate Staffing Ltd")
ADA = bacs.Credit("20-00-00", "55779911", Decimal("488.04"), "PAY-000017", "Ada Okonkwo")
GOOD_FRIDAY, EASTER_MONDAY = date(2026, 4, 3), date(2026, 4, 6)


def written(*paid, originator=AGENCY, **other):
    facts: dict[str, Any] = {"serial": 7, "created_on": date(2026, 5, 12)}
    facts["processing_on"] = date(2026, 5, 13)
    return bacs.write(originator, paid or (ADA,), **facts | other)


def codes(refusal):
    return [(fault.pointer, fault.code) for fault in refusal.value.faults]


def test_a_strict_reader_finds_what_was_paid():
    file = written(ADA, replace(ADA, amount=Decimal("0.01"), name="Łukasz Żółć"))
    read = standard18.read(file.content)
    assert [(c["to_sort"], c["to_account"], int(c["pence"])) for c in read.credits] == [
        ("200000", "55779911", 48804),
        ("200000", "55779911", 1),
    ]
    assert read.credits[1]["to_name"].strip() == "LUKASZ ZOLC"
    assert read.contra["from_sort"] == "404784"
    assert read.processing == date(2026, 5, 13)
    assert (file.count, file.amount, file.traces) == (2, Decimal("488.05"), ())


def test_the_same_values_give_the_same_bytes_for_ever():
    assert written().content == written().content
    assert written().sha256 == hashlib.sha256(written().content).hexdigest()


def test_a_submission_as_the_bank_prints_it():
    lines = written().content.decode().split("\r\n")
    assert lines[0] == "VOL1000007" + " " * 31 + "412893" + " " * 32 + "1"
    assert lines[3] == "UHL1 26133999999    000000001 DAILY  007" + " " * 40
    assert lines[4][:17] == "20000055779911099"
    assert lines[4][35:46] == "00000048804"
    assert lines[4][64:82] == "PAY-000017        "
    assert lines[-2][:44] == "UTL1" + "0000000048804" * 2 + "0000001" + "0000001"


def test_every_fault_is_named_at_once():
    with pytest.raises(Invalid) as refusal:
        written(
            bacs.Credit("20-00", "123", Decimal("1.005"), "", "李小龍"),
            replace(ADA, amount=Decimal("20000000.01"), reference="X" * 19, rti="abc"),
            replace(ADA, amount=Decimal(0)),
            originator=replace(AGENCY, sun="41289", name="…"),
            serial=0,
            processing_on=date(2026, 5, 16),
        )
    assert codes(refusal) == [
        ("/originator/sun", "service_user_number"),
        ("/originator/name", "name_unwritable"),
        ("/serial", "serial"),
        ("/processing_on", "not_a_processing_day"),
        ("/payments/0/sort_code", "sort_code"),
        ("/payments/0/account", "account_number"),
        ("/payments/0/amount", "fraction_of_a_penny"),
        ("/payments/0/name", "name_unwritable"),
        ("/payments/0/reference", "no_reference"),
        ("/payments/1/amount", "over_item_limit"),
        ("/payments/1/reference", "reference_too_long"),
        ("/payments/1/rti", "rti_link"),
        ("/payments/2/amount", "nothing_to_pay"),
    ]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"processing_on": date(2026, 5, 12)}, "too_late"),
        ({"processing_on": date(2026, 6, 12)}, "too_early"),
        (
            {"processing_on": date(2026, 5, 25), "closed": {date(2026, 5, 25)}},
            "not_a_processing_day",
        ),
        ({"originator": replace(AGENCY, file_limit=Decimal("488.03"))}, "over_file_limit"),
        ({"originator": replace(AGENCY, item_limit=Decimal("488.03"))}, "over_item_limit"),
    ],
)
def test_days_and_limits_are_kept(facts, code):
    with pytest.raises(Invalid) as refusal:
        written(**facts)
    assert [fault.code for fault in refusal.value.faults] == [code]


def test_a_file_without_paidis_refused():
    with pytest.raises(Invalid, match="at least one payment"):
        bacs.write(
            AGENCY, (), serial=1, created_on=date(2026, 5, 12), processing_on=date(2026, 5, 13)
        )


def test_friday_pay_is_sent_on_wednesday():
    friday = bacs.timing(date(2026, 5, 15))
    assert (friday.send_by_on, friday.processing_on) == (date(2026, 5, 13), date(2026, 5, 14))


def test_pay_after_easter_is_sent_before_it():
    tuesday = bacs.timing(date(2026, 4, 7), {GOOD_FRIDAY, EASTER_MONDAY})
    assert (tuesday.send_by_on, tuesday.processing_on) == (date(2026, 4, 1), date(2026, 4, 2))


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Siân O\N{RIGHT SINGLE QUOTATION MARK}Brien-Jones", "SIAN OBRIEN-JONES"),
        ("Jürgen Groß & Sons, Ltd.", "JURGEN GROSS & SONS LTD."),
        ("Søren Ærø", "SOREN AERO"),
        ("Þór\tÐóri", "THOR DORI"),
        ("٣٤", ""),
    ],
)
def test_names_keep_their_letters(name, folded):
    assert bacs.fold(name) == folded


texts = st.text(min_size=1, max_size=40)
payments = st.builds(
    bacs.Credit,
    sort_code=st.integers(1, 999999).map("{:06}".format),
    account=st.integers(1, 99999999).map("{:08}".format),
    amount=st.integers(1, 2_000_000_000).map(lambda p: Decimal(p).scaleb(-2)),
    reference=st.text(ascii_letters, min_size=1, max_size=18),
    name=texts,
)


@given(st.lists(payments, min_size=1, max_size=40), st.integers(1, 999999), st.integers(1, 30))
def test_whatever_is_accepted_is_well_formed(paid, serial, ahead):
    created = date(2026, 5, 12)
    try:
        file = bacs.write(
            AGENCY,
            paid,
            serial=serial,
            created_on=created,
            processing_on=created + timedelta(days=ahead),
        )
    except Invalid as refusal:
        why = {fault.code for fault in refusal.faults}
        if why - {"name_unwritable", "not_a_processing_day", "over_file_limit"}:
            raise
        return
    read = standard18.read(file.content)
    assert sum(int(c["pence"]) for c in read.credits) == file.amount * 100
    assert len(read.credits) == len(paid)


def test_the_reader_itself_is_strict():
    content = written().content
    for good, bad in (
        (b"00000048804", b"00000048805"),
        (b"CONTRA", b"contra"),
        (b"1 DAILY", b"4 MULTI"),
    ):
        with pytest.raises(standard18.Wrong):
            standard18.read(content.replace(good, bad, 1))
