"""Settling an advance: what is charged back, shared and held, and the week that ties."""

from dataclasses import replace

import pytest

from rulebook.advance import (
    DAILY,
    FLAT,
    FUNDS,
    NET,
    Applied,
    Break,
    ChargeBack,
    Fee,
    Funded,
    FundingTerms,
    UnfitTerms,
    Untied,
    Week,
    accrued,
    back_office_margin,
    charge_back,
    compared,
    cured,
    follows,
    headroom,
    minimum_top_up,
    pooled_surplus,
    read_terms,
    recourse,
    rolled,
    shared_margin,
    statement,
    tax_held,
    vat_relief,
)
from rulebook.money import NOTHING
from rulebook.rates import Tier, graduated
from tests.rulebook.facility import DAY_0, SETTLED, D, on_day, terms

pytestmark = pytest.mark.rulebook


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
