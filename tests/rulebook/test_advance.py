"""Advance: what may be funded and why not, what it costs, and what is released."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.advance import (
    DAILY,
    FLAT,
    FUNDS,
    NET,
    REASONS,
    Certificate,
    Debtor,
    Fee,
    Funded,
    Ledgered,
    accrued,
    advances,
    certificate,
    effective_share,
    settle,
)
from rulebook.money import NOTHING
from tests.rulebook.facility import DAY_0, FEES, POOL, D, ledgered, on_day, terms

pytestmark = pytest.mark.rulebook


# Fees and releases


@pytest.mark.parametrize("case", FEES["case"], ids=lambda case: case["name"])
def test_an_invoice_is_advanced_charged_and_released(case: Mapping[str, Any]) -> None:
    agreed = terms(
        advance_share=case["advance_share"],
        advance_base=case.get("advance_base", "face"),
        fees=tuple(Fee(**fee) for fee in case["fees"]),
    )
    face, net = case["face"], case.get("net", case["face"])
    invoice = Ledgered("inv", "Acme", DAY_0, on_day(30), face, face, net)
    (advanced,) = advances(certificate([invoice], [], agreed, DAY_0), funds_in_use=NOTHING)
    received = tuple((on_day(day), amount) for day, amount in case["received"])
    funded = Funded("inv", face, net, advanced.advance, DAY_0, received)
    settled = settle(funded, agreed, received[-1][0], is_closed=case.get("is_closed"))

    assert advanced.advance == case["advance"]
    assert advanced.wired == case.get("wired", advanced.wired)
    assert {fee.code: fee.amount for fee in settled.fees} == case["charged"]
    assert {code: fee.vat for fee in settled.fees for code in [fee.code]} == case.get(
        "vat", dict.fromkeys(case["charged"], NOTHING)
    )
    assert (settled.release, settled.shortfall) == (
        case["release"],
        case.get("shortfall", NOTHING),
    )
    assert settled.unpaid == case.get("unpaid", NOTHING)
    assert settled.outstanding == case.get("outstanding", NOTHING)
    if "effective" in case:
        share, days = case["effective"]
        assert effective_share(settled.fee_total, advanced.advance, days) == share


@given(
    face=st.decimals(min_value="1", max_value="100000", places=2),
    days=st.lists(st.integers(0, 120), min_size=1, max_size=4),
    yearly=st.decimals(min_value="0", max_value="0.3", places=4),
)
def test_what_a_debtor_pays_is_advance_repaid_fees_and_release(
    face: Decimal, days: list[int], yearly: Decimal
) -> None:
    agreed = terms(fees=(Fee("discount", DAILY, yearly, FUNDS), Fee("admin", FLAT, D("0.002"))))
    each = (face / len(days)).quantize(D("0.01"), "ROUND_DOWN")
    parts = [each] * (len(days) - 1)
    parts.append(face - sum(parts, NOTHING))
    received = tuple(zip(map(on_day, sorted(days)), parts, strict=True))
    funded = Funded("inv", face, face, (face * D("0.90")).quantize(D("0.01")), DAY_0, received)
    settled = settle(funded, agreed, on_day(200))
    assert settled.is_collected
    assert (
        settled.collected
        == settled.repaid + settled.fee_total + settled.release - settled.shortfall
    )
    assert funded.advanced == settled.repaid + settled.outstanding


def test_settling_day_by_day_reaches_the_same_end_as_settling_once() -> None:
    agreed = terms(fees=(Fee("discount", DAILY, D("0.0875"), FUNDS),))
    received = ((on_day(21), D("20000.00")), (on_day(47), D("40000.00")))
    funded = Funded("inv", D("60000.00"), D("60000.00"), D("54000.00"), DAY_0, received)
    walked = [settle(funded, agreed, on_day(day)).fee_total for day in range(60)]
    assert walked == sorted(walked)
    assert walked[-1] == walked[47] == settle(funded, agreed, on_day(300)).fee_total


def test_a_daily_fee_says_what_it_was_charged_on() -> None:
    charge = accrued(
        Fee("discount", DAILY, D("0.0875"), FUNDS),
        face=D("60000.00"),
        net=D("50000.00"),
        advanced=D("54000.00"),
        funded_on=DAY_0,
        received=[(on_day(21), D("20000.00"))],
        until=on_day(35),
    )
    assert charge.because == "54000.00 x 21 d + 34000.00 x 14 d"


# Eligibility


def drawn(case: Mapping[str, Any]) -> Certificate:
    items, debtors = [], []
    for debtor in POOL["debtor"]:
        limit = case.get("limits", {}).get(debtor["ref"], debtor["limit"])
        debtors.append(Debtor(debtor["ref"], limit, debtor.get("contra", NOTHING)))
        for row in debtor["invoices"]:
            flags = frozenset(row.get("flags", ()))
            if row["ref"] in case.get("collected", ()):
                continue
            if row["ref"] in case.get("verified", ()):
                flags = frozenset()
            dated = on_day(-row["days"])
            items.append(
                Ledgered(
                    row["ref"],
                    debtor["ref"],
                    dated,
                    dated + timedelta(30),
                    row["open"],
                    row["open"],
                    row["open"],
                    row.get("disputed", NOTHING),
                    flags=flags,
                )
            )
    agreed = terms(
        advance_share=POOL["advance_share"],
        reserves=POOL["reserves"],
        facility_limit=POOL["facility"],
        cross_age_share=case["cross_age"],
        concentration_share=case.get("concentration"),
    )
    return certificate(items, debtors, agreed, DAY_0)


@pytest.mark.parametrize("case", POOL["case"], ids=lambda case: case["name"])
def test_a_pool_is_certified(case: Mapping[str, Any]) -> None:
    made = drawn(case)
    assert made.gross - sum(made.by_reason.values()) == made.eligible
    assert made.limit == case["limit"]
    for name in ("gross", "eligible", "base"):
        assert getattr(made, name) == case.get(name, getattr(made, name))
    if "excluded" in case:
        assert made.by_reason == case["excluded"]
    if "excluded_for_concentration" in case:
        assert made.by_reason["concentration"] == case["excluded_for_concentration"]
    if "funds_in_use" in case:
        assert made.over_advance(case["funds_in_use"]) == case["over_advance"]
    if "availability" in case:
        assert made.availability(case["funds_in_use"]) == case["availability"]


def test_the_certificate_keeps_what_each_debtor_has_left() -> None:
    made = drawn(POOL["case"][0])
    left = {name: made.eligible_of(name) for name in ("Alder", "Birch", "Cedar", "Dogwood", "Elm")}
    assert left == {
        "Alder": D("59875.00"),
        "Birch": D("0.00"),
        "Cedar": D("40000.00"),
        "Dogwood": D("15500.00"),
        "Elm": D("44000.00"),
    }


def test_ten_thousand_at_ninety_percent_is_nine_thousand_and_a_thousand_unfunded() -> None:
    made = certificate([ledgered("inv", "10000.00")], [], terms(), DAY_0)
    (advanced,) = advances(made, funds_in_use=NOTHING)
    assert (advanced.advance, advanced.unfunded, advanced.reason) == (
        D("9000.00"),
        D("1000.00"),
        "",
    )


def test_an_invoice_that_crosses_the_debtor_limit_is_fundable_up_to_it() -> None:
    old, new = ledgered("old", "48000.00", days=20), ledgered("new", "5000.00", days=1)
    made = certificate([new, old], [Debtor("Acme", D("50000.00"))], terms(), DAY_0)
    (advanced,) = advances(made, funded={"old": D("43200.00")}, funds_in_use=D("43200.00"))
    assert (advanced.eligible, advanced.advance, advanced.reason) == (
        D("2000.00"),
        D("1800.00"),
        "over_limit",
    )


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"flags": frozenset({"no_po"})}, "no_po"),
        ({"flags": frozenset({"unverified", "no_po"})}, "unverified"),
        ({"days": 91}, "aged"),
        ({"disputed": D("1000.00")}, "disputed"),
        ({"flags": frozenset({"affiliate"})}, "affiliate"),
        ({"worked_until": on_day(3)}, "not_yet_worked"),
        ({"debtor": "Barred"}, "excluded_debtor"),
    ],
)
def test_an_invoice_that_is_not_funded_says_the_first_reason_only(
    facts: dict[str, Any], reason: str
) -> None:
    barred = Debtor("Barred", flags=frozenset({"excluded_debtor"}))
    made = certificate([ledgered("inv", "1000.00", **facts)], [barred], terms(), DAY_0)
    (row,) = made.invoices
    assert (row.reason, row.eligible, len(row.excluded)) == (reason, NOTHING, 1)


def test_only_the_disputed_part_of_an_invoice_is_left_out() -> None:
    made = certificate([ledgered("inv", "1000.00", disputed=D("108.00"))], [], terms(), DAY_0)
    assert (made.eligible, made.by_reason) == (D("892.00"), {"disputed": D("108.00")})


def test_the_last_invoice_is_cut_when_the_facility_is_full() -> None:
    items = [ledgered("one", "1000.00", days=3), ledgered("two", "1000.00", days=2)]
    made = certificate(items, [], terms(facility_limit=D("1200.00")), DAY_0)
    first, second = advances(made, funds_in_use=NOTHING)
    assert (first.advance, first.reason) == (D("900.00"), "")
    assert (second.advance, second.reason) == (D("300.00"), "facility_full")


def test_a_class_of_invoice_may_have_its_own_share_and_net_may_be_the_base() -> None:
    perm = replace(ledgered("perm", "1200.00", kind="perm"), net=D("1000.00"))
    agreed = terms(class_shares={"perm": D("0.60")}, advance_base=NET)
    (advanced,) = advances(certificate([perm], [], agreed, DAY_0), funds_in_use=NOTHING)
    assert advanced.advance == D("600.00")


def test_the_order_of_reasons_is_data() -> None:
    item = ledgered("inv", "1000.00", days=200, flags=frozenset({"no_po"}))
    for order, reason in ((REASONS, "no_po"), (("aged", "no_po"), "aged")):
        made = certificate([item], [], terms(order=order), DAY_0)
        assert made.invoices[0].reason == reason


ledgers = st.lists(
    st.builds(
        lambda n, debtor, days, open_, disputed, flags: ledgered(
            f"inv_{n}", str(open_), debtor=debtor, days=days, disputed=disputed, flags=flags
        ),
        st.integers(0, 10**6),
        st.sampled_from(["Acme", "Bolt", "Crane"]),
        st.integers(0, 130),
        st.decimals(min_value="-500", max_value="50000", places=2),
        st.sampled_from([NOTHING, D("100.00")]),
        st.sampled_from([frozenset[str](), frozenset({"unverified"}), frozenset({"no_po"})]),
    ),
    max_size=12,
    unique_by=lambda item: item.invoice,
)


@given(items=ledgers, cap=st.sampled_from([None, D("0.25"), D("0.50")]))
def test_every_pound_is_either_eligible_or_left_out_once(
    items: list[Ledgered], cap: Decimal | None
) -> None:
    debtors = [Debtor("Acme", D("30000.00"), D("250.00")), Debtor("Bolt", D("5000.00"))]
    agreed = terms(concentration_share=cap, facility_limit=D("40000.00"))
    made = certificate(items, debtors, agreed, DAY_0)
    for row in made.invoices:
        assert row.item.open == row.eligible + sum(out.amount for out in row.excluded)
        if row.item.open > 0:
            assert NOTHING <= row.eligible <= row.item.open
    assert made.gross - sum(made.by_reason.values()) == made.eligible
    paid = advances(made, funds_in_use=D("1000.00"))
    assert sum(one.advance for one in paid) <= max(made.availability(D("1000.00")), NOTHING)
    assert all(one.reason for one in paid if one.eligible < one.face)
    assert certificate(list(reversed(items)), debtors, agreed, DAY_0) == made
