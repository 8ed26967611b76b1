"""Properties of US pay that hold for any figures, besides the cases."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rulebook.hours import Worked, into_bands
from rulebook.lines import total
from rulebook.pack import Deduction, Earning, Payslip, Situation
from rulebook.packs.us import law
from rulebook.packs.us.levies import federal, funds
from rulebook.packs.us.states import state_tax
from rulebook.packs.us.worktime import week_rules
from rulebook.pay import payslip
from rulebook.periods import week_of
from rulebook.timeline import NoRule

pytestmark = pytest.mark.rulebook

D = Decimal
MARCH = date(2026, 3, 6)
AUTUMN = date(2026, 10, 2)
STATES = sorted(law.states())
# New York takes back the benefit of its lower rates in steps; the others read income in steps.
STEPPED = {"NY", "CT", "AL", "AR", "UT"}
amounts = st.decimals(D("0.01"), D("9999.99"), places=2)


def paid(amount: Decimal, state: str = "TX", **more: Any) -> Payslip:
    told: dict[str, Any] = {"w4": {"form": 2020}, "states": {"IN": {"county": "Marion"}}}
    told.update(more.pop("elections", {}))
    return payslip(
        Situation(
            "US",
            more.pop("on", AUTUMN),
            more.pop("paid", "weekly"),
            (Earning("regular", "work", amount, D(40), state),),
            told,
            {"suta": {state: {"rate": D("0.027")}}},
            **more,
        )
    )


def withheld(slip: Payslip, code: str) -> Decimal:
    return sum((line.amount for line in slip.lines if line.code == code), D(0))


@given(st.lists(st.decimals(D("2000.00"), D("60000.00"), places=2), min_size=1, max_size=12))
def test_social_security_over_a_year_is_its_maximum_however_pay_is_split(
    payments: list[Decimal],
) -> None:
    ytd: dict[str, Decimal] = {}
    for amount in [*payments, D("190000.00")]:
        ytd = dict(paid(amount, paid="monthly", year_to_date=ytd).carried_forward)

    assert ytd["us.ss.wages"] == D(184500)
    assert ytd["us.ss"] == ytd["us.ss.employer"] == D("11439.00")
    assert ytd["us.futa.wages"] == D(7000)
    assert ytd["us.medicare.wages"] == sum(payments) + D("190000.00")


@given(
    st.sampled_from([state for state in STATES if law.has(f"{state}.programmes")]),
    st.lists(st.decimals(D("500.00"), D("9000.00"), places=2), min_size=1, max_size=10),
)
def test_every_capped_levy_of_every_state_stops_at_its_wage_base(
    state: str, payments: list[Decimal]
) -> None:
    ytd: dict[str, Decimal] = {}
    for amount in [*payments, D("400000.00")]:
        ytd = dict(paid(amount, state, paid="monthly", year_to_date=ytd).carried_forward)

    capped = [
        (code, key, cap)
        for _, code, *_, key, cap, _, _, _ in (*federal(AUTUMN).above, *funds(state, AUTUMN))
        if key and cap is not None
    ]
    assert capped
    for code, key, cap in capped:
        assert ytd[key] == cap, code


@given(amounts, st.decimals(D("0.00"), D("200000.00"), places=2))
def test_fica_never_exceeds_its_rate_times_pay(amount: Decimal, before: Decimal) -> None:
    told = {"us.ss.wages": min(before, D(184500)), "us.medicare.wages": before}

    slip = paid(amount, year_to_date=told)

    half_a_cent = D("0.005")
    for whose in ("", ".employer"):
        assert withheld(slip, f"us.ss{whose}") <= amount * D("0.062") + half_a_cent
        assert withheld(slip, f"us.medicare{whose}") <= amount * D("0.0145") + half_a_cent


@given(st.decimals(D("150000.00"), D("199999.99"), places=2), amounts)
def test_additional_medicare_counts_only_what_lies_above(before: Decimal, now: Decimal) -> None:
    slip = paid(now, paid="monthly", year_to_date={"us.medicare.wages": before})
    above = max(before + now - 200000, D(0))

    due = (above * D("0.009")).quantize(D("0.01"), "ROUND_HALF_UP")
    assert withheld(slip, "us.medicare.additional") == due


@given(amounts, amounts, st.sampled_from(["single", "married", "head_of_household"]))
def test_federal_tax_never_falls_when_pay_rises(one: Decimal, other: Decimal, status: str) -> None:
    low, high = sorted((one, other))
    told = {"w4": {"form": 2020, "status": status}}

    less, more = paid(low, elections=told), paid(high, elections=told)

    assert withheld(less, "us.fit") <= withheld(more, "us.fit")
    assert withheld(more, "us.fit") <= high * D("0.37")


@given(amounts, amounts, st.sampled_from([s for s in STATES if s not in STEPPED]))
def test_a_states_tax_never_falls_when_pay_rises(one: Decimal, other: Decimal, state: str) -> None:
    low, high = sorted((one, other))

    less, more = paid(low, state), paid(high, state)

    assert withheld(less, f"us.sit.{state}") <= withheld(more, f"us.sit.{state}")


@given(amounts, st.sampled_from(STATES))
def test_a_payslip_in_any_state_adds_up_and_takes_no_more_than_there_is(
    amount: Decimal, state: str
) -> None:
    try:
        slip = paid(amount, state)
    except NoRule:
        assume(state != "AR")  # its rows above 94,700 a year are not held
        raise

    assert slip.gross == amount
    assert slip.net == amount - total(slip.lines, "tax")
    assert 0 <= slip.net <= amount
    assert all(line.amount >= 0 for line in slip.lines)


@given(amounts, amounts, st.sampled_from(["IL", "CA", "MA", "PA"]))
def test_taking_a_payment_back_restores_every_year_to_date_figure(
    first: Decimal, second: Decimal, state: str
) -> None:
    before = paid(first, state).carried_forward
    after = paid(second, state, year_to_date=before).carried_forward
    change = {key: after[key] - before.get(key, D(0)) for key in after}

    restored = {key: after[key] - change[key] for key in after}
    again = paid(second, state, year_to_date=before).carried_forward

    assert {key: value for key, value in restored.items() if value} == dict(before)
    assert again == after


@given(
    amounts,
    st.lists(
        st.tuples(
            st.sampled_from(["support", "creditor", "student_loan", "federal_agency"]),
            st.decimals(D("1.00"), D("2000.00"), places=2),
        ),
        max_size=5,
    ),
)
def test_orders_leave_what_the_law_protects(
    amount: Decimal, orders: list[tuple[str, Decimal]]
) -> None:
    deductions = tuple(
        Deduction(f"{kind}{n}", "order", wanted, treatment=kind)
        for n, (kind, wanted) in enumerate(orders)
    )

    slip = paid(amount, "FL", deductions=deductions)

    disposable = amount - total(slip.lines, "tax")
    taken = {n: withheld(slip, f"us.order.{kind}{n}") for n, (kind, _) in enumerate(orders)}
    support = sum((taken[n] for n, (kind, _) in enumerate(orders) if kind == "support"), D(0))
    ordinary = sum(taken.values()) - support
    assert support <= disposable * D("0.60")
    assert sum(taken.values()) <= max(disposable * D("0.60"), disposable * D("0.25"))
    if ordinary:
        assert disposable - ordinary - support >= D("217.50") - support
        assert ordinary + support <= disposable * D("0.25")
    assert all(taken[n] <= wanted for n, (_, wanted) in enumerate(orders))


@given(amounts, st.decimals(D("0.00"), D("20000.00"), places=2))
def test_deductions_never_make_net_pay_negative(amount: Decimal, wanted: Decimal) -> None:
    deductions = (
        Deduction("k", "pension", wanted, treatment="401k"),
        Deduction("health", "other", wanted / 2, treatment="section_125"),
        Deduction("tools", "other", wanted),
    )
    exact = tuple(
        Deduction(d.code, d.kind, d.amount.quantize(D("0.01")), d.priority, "", d.treatment)
        for d in deductions
    )

    slip = paid(amount, "IL", deductions=exact)

    assert slip.net >= 0
    taken = withheld(slip, "tools")
    assert taken + withheld(slip, "tools.arrears") == exact[2].amount


@given(amounts, st.sampled_from(["biweekly", "semimonthly", "monthly"]))
def test_the_same_situation_gives_the_same_payslip(amount: Decimal, every: str) -> None:
    assert paid(amount, "CA", paid=every) == paid(amount, "CA", paid=every)


WEEK = week_of(AUTUMN, 6)
shifts = st.builds(
    lambda day, at, state, quarters: Worked(
        at, WEEK.starts + timedelta(day), "regular", D(quarters) / 4, place=state, rate=D("17.00")
    ),
    st.integers(0, 6),
    st.sampled_from(["acme", "bolt"]),
    st.sampled_from(STATES),
    st.integers(1, 16),
)


@given(st.lists(shifts, min_size=1, max_size=12, unique_by=lambda one: (one.on, one.assignment)))
def test_overtime_and_straight_hours_are_the_hours_worked_in_every_state(
    week: list[Worked],
) -> None:
    rules = week_rules(AUTUMN, frozenset(one.place for one in week), {})

    bands = into_bands(week, rules)

    straight = sum((band.quantity for band in bands if not band.premium), D(0))
    lifted = sum((band.quantity for band in bands if band.premium), D(0))
    assert straight + lifted == sum(one.quantity for one in week)
    assert straight <= 40
    assert all(band.quantity > 0 for band in bands)


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_its_rows(state: str) -> None:
    rule = state_tax(state, AUTUMN)

    assert rule.cite.source
    assert week_rules(AUTUMN, frozenset({state}), {}).weekly[0].over == D(40)
    slip = paid(D("1800.00"), state)
    assert bool(withheld(slip, f"us.sit.{state}")) == (rule.method is not None)


def test_no_state_is_forgotten() -> None:
    assert len(STATES) == 51


def test_law_of_march_is_not_law_of_autumn() -> None:
    for state in ("GA", "ID", "UT", "OH", "ME"):
        assert state_tax(state, MARCH).cite != state_tax(state, AUTUMN).cite
