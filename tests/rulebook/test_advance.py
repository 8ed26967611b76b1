"""Advance: what may be funded and why not, what it costs, and the week that ties."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
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
    Applied,
    Break,
    Certificate,
    ChargeBack,
    Debtor,
    Fee,
    Funded,
    FundingTerms,
    Ledgered,
    UnfitTerms,
    Untied,
    Week,
    accrued,
    advances,
    back_office_margin,
    certificate,
    charge_back,
    compared,
    cured,
    effective_share,
    follows,
    headroom,
    minimum_top_up,
    pooled_surplus,
    read_terms,
    recourse,
    rolled,
    settle,
    shared_margin,
    statement,
    tax_held,
    vat_relief,
)
from rulebook.money import NOTHING
from rulebook.rates import Tier, graduated
from rulebook.timeline import exact

pytestmark = pytest.mark.rulebook

D = Decimal
CASES = Path(__file__).parent / "cases" / "money"
DAY_0 = date(2026, 9, 1)


def cases(name: str) -> Any:
    return exact(tomllib.loads((CASES / f"{name}.toml").read_text("utf-8")))


FEES, POOL, SETTLED = (cases(f"funding_{name}") for name in ("fees", "pool", "settlement"))


def on_day(days: int) -> date:
    return DAY_0 + timedelta(days)


def ledgered(ref: str, open_: str, **facts: Any) -> Ledgered:
    dated = on_day(-facts.pop("days", 10))
    known: dict[str, Any] = {"net": D(open_), "debtor": "Acme", **facts}
    return Ledgered(
        ref, known.pop("debtor"), dated, dated + timedelta(30), D(open_), D(open_), **known
    )


def terms(**facts: Any) -> FundingTerms:
    return FundingTerms(**{"version": "v1", "advance_share": D("0.90"), **facts})


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


# Unpaid, shared, held


def test_a_minimum_is_topped_up_on_its_own_line() -> None:
    case = SETTLED["minimum"]
    line = minimum_top_up(case["earned"], case["minimum"], case["vat_share"])
    assert (line.amount, line.vat, line.total) == (case["top_up"], case["vat"], D("456.00"))
    begun = minimum_top_up(NOTHING, case["minimum"], days=15, of_days=30)
    assert begun.amount == case["begun_on_day_16_of_30"]
    assert minimum_top_up(D("1500.01"), case["minimum"]).total == NOTHING


def test_an_unpaid_recourse_invoice_is_charged_back_with_its_fees() -> None:
    case = SETTLED["charge_back"]
    agreed = terms(fees=(Fee("late", DAILY, case["fee_a_day"], basis=1),))
    funded = Funded("inv", case["face"], case["face"], case["advance"], DAY_0)
    back = charge_back(funded, agreed, on_day(case["days"]))
    assert (back.fees, back.amount) == (case["fees"], case["amount"])
    cure = cured(back.amount, case["releases"], case["next_advance"])
    assert (cure.from_releases, cure.from_advances, cure.over_advance) == (
        case["releases"],
        case["from_advances"],
        NOTHING,
    )
    assert (
        cured(back.amount, case["releases"], case["small_advance"]).over_advance
        == (case["left_over_advanced"])
    )


def test_fees_kept_back_at_the_start_are_not_charged_back_again() -> None:
    fee = Fee("factoring", FLAT, D("0.03"), is_up_front=True)
    funded = Funded("inv", D("1000.00"), D("1000.00"), D("900.00"), DAY_0)
    assert charge_back(funded, terms(fees=(fee,)), on_day(91)).amount == D("900.00")


def test_bad_debt_cover_absorbs_its_share_of_the_net_and_the_tail_goes_back() -> None:
    case = SETTLED["insolvency"]
    agreed = terms(cover_share=case["cover_share"], fees=(Fee("fee", "per_item", case["fees"]),))
    funded = Funded("inv", case["face"], case["net"], case["advance"], DAY_0)
    back = charge_back(funded, agreed, on_day(60), is_insolvent=True)
    assert (back.absorbed, back.amount) == (case["absorbed"], case["amount"])
    newer = replace(agreed, cover_share=case["cover_share_of_newer_terms"])
    assert (
        charge_back(funded, newer, on_day(60), is_insolvent=True).absorbed
        == (case["absorbed_by_newer_terms"])
    )
    capped = charge_back(funded, agreed, on_day(60), is_insolvent=True, cover_limit=D("5000.00"))
    assert capped.absorbed == D("5000.00")
    for name in ("whole", "tail"):
        gross, relief = case[f"relief_when_{'the_' if name == 'tail' else ''}{name}_is_reassigned"]
        assert vat_relief(gross, D("0.20")) == relief


def test_notices_come_a_fortnight_and_a_week_before_recourse() -> None:
    found = [recourse(terms(), DAY_0, on_day(day)) for day in (75, 76, 83, 90, 91)]
    assert [state.notice for state in found if state] == [None, 14, 7, 7, 7]
    assert [state.is_due for state in found if state] == [False, False, False, False, True]
    assert recourse(terms(recourse_days=None), DAY_0, DAY_0) is None


def test_a_shared_margin_is_whole_and_part_of_it_waits_for_the_client() -> None:
    case = SETTLED["employer_of_record"]
    share = shared_margin(case["gross_margin"], case["partner_share"], case["held_share"])
    for name in ("partner", "agency", "paid_now", "held", "claw_back"):
        assert getattr(share, name) == case[name]


def test_a_full_back_office_pays_the_margin_less_its_fee() -> None:
    case = SETTLED["back_office"]
    fee = accrued(
        Fee("service", FLAT, case["fee_share"], NET, vat_share=case["vat_share"]),
        face=D("1056.00"),
        net=case["net_bill"],
        advanced=D("1056.00"),
        funded_on=DAY_0,
        received=(),
        until=DAY_0,
    )
    assert case["net_bill"] - sum(case["costs"]) == case["margin"]
    assert (fee.amount, fee.vat) == (case["fee"], case["vat"])
    assert back_office_margin(case["net_bill"], case["costs"], fee) == case["paid"]


def test_payroll_taxes_are_held_out_of_the_wire() -> None:
    case = SETTLED["tax_hold"]
    hold = tax_held(case["advance"], case["taxes"])
    assert (hold.wire, hold.held) == (case["wire"], case["taxes"])
    assert tax_held(D("100.00"), D("250.00")).wire == NOTHING


def test_a_pooled_reserve_releases_what_is_above_its_target() -> None:
    case = SETTLED["pooled_reserve"]
    surplus = pooled_surplus(case["outstanding_face"], case["target_share"], case["held"])
    assert surplus == case["surplus"]


def test_unapplied_cash_frees_nothing_until_it_is_matched() -> None:
    case = SETTLED["headroom"]
    now = headroom(case["limit"], case["open"])
    matched = headroom(case["limit"], case["open"], case["unapplied"])
    assert (now, matched) == (case["now"], case["once_matched"])
    assert (matched - now) * case["advance_share"] == case["more_to_draw"]


def test_a_graduated_tariff_prices_each_payslip_in_its_tier() -> None:
    case = SETTLED["tariff"]
    tiers = [Tier(until or None, rate) for until, rate in case["tiers"]]
    assert graduated(case["payslips"], tiers) == case["price"]


# The week


def a_week() -> Week:
    case = SETTLED["week"]
    back = ChargeBack("old", case["charged_back_principal"], case["charged_back_fees"])
    return Week(
        opening_face=case["opening_face"],
        opening_funds=case["opening_funds"],
        new=(("new", case["new_face"], case["new_advance"]),),
        banked=case["banked"],
        applied=(Applied("paid", case["applied"], case["repaid"], case["fees"], case["released"]),),
        charged_back=((back, case["charged_back_face"]),),
    )


def test_a_weekly_statement_ties() -> None:
    case, made = SETTLED["week"], statement(a_week())
    for name in ("unapplied", "net_wire", "closing_face", "closing_funds", "unfunded", "released"):
        assert getattr(made, name) == case[name]


def test_a_statement_that_does_not_tie_is_refused_and_says_where() -> None:
    week = a_week()
    spent = replace(week.applied[0], release=D("5663.61"))
    with pytest.raises(Untied) as refused:
        statement(replace(week, applied=(spent,)))
    assert (refused.value.check, refused.value.difference) == ("cash applied", D("-0.01"))
    with pytest.raises(Untied, match="beyond what was banked"):
        statement(replace(week, banked=D("67999.99")))


def test_what_the_agency_owes_is_carried_and_never_wired_below_zero() -> None:
    week = replace(a_week(), new=(), applied=(), banked=NOTHING)
    made = statement(week)
    assert (made.net_wire, made.closing_owed) == (NOTHING, D("10312.50"))
    later = statement(
        Week(
            opening_face=made.closing_face,
            opening_funds=made.closing_funds,
            new=(("next", D("20000.00"), D("18000.00")),),
            opening_owed=made.closing_owed,
        )
    )
    follows(later, made)
    assert later.net_wire == D("7687.50")


def test_a_statement_opens_where_the_last_one_closed() -> None:
    made = statement(a_week())
    with pytest.raises(Untied, match="opening funds in use"):
        follows(statement(Week(made.closing_face, D("1.00"))), made)


# Terms as they are written, and books that are compared


def test_terms_are_read_from_what_was_written_down() -> None:
    written = {
        "advance_share": "0.90",
        "class_shares": {"perm": "0.60"},
        "facility_limit": "400000.00",
        "recourse_days": "90",
        "concentration_share": None,
        "order": ["aged", "disputed"],
        "fees": [{"code": "discount", "kind": "daily", "share": "0.0625", "base": "funds_in_use"}],
    }
    made = read_terms("v3", written)
    assert made == FundingTerms(
        version="v3",
        advance_share=D("0.90"),
        class_shares={"perm": D("0.60")},
        facility_limit=D("400000.00"),
        recourse_days=90,
        order=("aged", "disputed"),
        fees=(Fee("discount", DAILY, D("0.0625"), FUNDS),),
    )


def test_terms_with_several_faults_name_every_one() -> None:
    written = {
        "advance_share": "1.2",
        "reserve": "5",
        "recourse_days": "1.5",
        "reserves": 0.1,
        "order": ["luck"],
        "advance_base": "turnover",
        "fees": [{"code": "x", "kind": "magic", "share": "abc", "step_days": "0"}, {"code": "y"}],
    }
    with pytest.raises(UnfitTerms) as refused:
        read_terms("v3", written)
    assert {pointer: code for pointer, code, _ in refused.value.faults} == {
        "/advance_share": "out_of_range",
        "/reserve": "unknown_field",
        "/recourse_days": "not_whole_days",
        "/reserves": "not_a_number",
        "/order": "unknown_reason",
        "/advance_base": "unknown_base",
        "/fees/0/kind": "unknown_kind",
        "/fees/0/share": "not_a_number",
        "/fees/0/step_days": "out_of_range",
        "/fees/1/kind": "required",
        "/fees/1/share": "required",
    }
    with pytest.raises(UnfitTerms, match="advance share must be given"):
        read_terms("v3", {})


def test_books_that_differ_are_compared_line_by_line() -> None:
    agency = {"inv_1": D("900.00"), "inv_2": D("450.00"), "inv_3": NOTHING}
    partner = {"inv_1": D("900.00"), "inv_2": D("450.01"), "inv_4": D("10.00")}
    assert compared("funds in use", agency, partner) == (
        Break("funds in use", "inv_2", D("450.00"), D("450.01")),
        Break("funds in use", "inv_4", NOTHING, D("10.00")),
    )
    assert compared("funds in use", agency, agency) == ()
    assert rolled("funds in use", "week", D("180.00"), D("-13.50"), D("166.50")) == ()
    (wrong,) = rolled("funds in use", "week", D("180.00"), D("-13.50"), D("166.49"))
    assert wrong.difference == D("0.01")
