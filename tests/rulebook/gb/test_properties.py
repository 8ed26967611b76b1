"""What holds of every UK payslip, whatever the figures."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.pack import Deduction, Earning, Payslip, Situation
from rulebook.packs.gb import codes, directors, loans, ni, orders, paye, pensions
from rulebook.packs.gb.taxyear import FREQUENCIES, month_ends_on, payday, tax_month, tax_week
from tests.rulebook.gb.reading import payslip

pytestmark = pytest.mark.rulebook

PENNY = Decimal("0.01")
CUMULATIVE = ["1257L", "0T", "S1257L", "C1257L", "500T", "BR", "D1", "SD3", "K20", "SK12"]
BY_ITSELF = ["1257L W1", "0T M1", "K400 X", "S1257L X", "BR W1", "NT W1"]
LETTERS = "ABCDEFHIJKLMNSVZX"

amounts = st.integers(0, 2_000_000).map(lambda pennies: Decimal(pennies) / 100)
small = st.integers(0, 200_000).map(lambda pennies: Decimal(pennies) / 100)
paydays = st.integers(0, 364).map(lambda n: date(2026, 4, 6) + timedelta(days=n))
frequencies = st.sampled_from(sorted(FREQUENCIES))
letters = st.sampled_from(LETTERS)
code_forms = st.sampled_from(CUMULATIVE + BY_ITSELF)
MONTHS = [month_ends_on(date(2026, 4, 6) + timedelta(days=31 * n)) for n in range(12)]


def slip(pay: Decimal, on: date, paid: str, code: str, letter: str = "X", **more) -> Payslip:
    """A payslip of one earning."""
    elections = {"tax_code": code, "ni_letter": letter, **more.pop("elections", {})}
    earned = (Earning("work", "work", pay),)
    return payslip(Situation("GB", on, paid, earned, elections, **more))


@given(st.lists(amounts, min_size=2, max_size=12), st.sampled_from(CUMULATIVE[:8]))
def test_cumulative_tax_depends_on_totals_alone(pays: list[Decimal], code: str) -> None:
    """However pay was spread over the year; codes whose tax half of pay always covers."""
    pays.append(sum(pays) + Decimal(5000))  # a last month that can bear what is owed
    before, taxed = Decimal(0), Decimal(0)
    for on, pay in zip(MONTHS, pays[-12:], strict=False):
        table = paye.tax_table(codes.read(code), on, "monthly")
        taxed += paye.tax(table, pay, before, taxed)
        before += pay

    assert taxed == paye.tax_on(table, before)


@given(amounts, small, code_forms, paydays, frequencies)
def test_tax_never_falls_when_pay_rises(
    pay: Decimal, more: Decimal, code: str, on: date, paid: str
) -> None:
    table = paye.tax_table(codes.read(code), on, paid)

    assert paye.tax_on(table, pay) <= paye.tax_on(table, pay + more)


@given(amounts, st.tuples(amounts, amounts), code_forms, paydays, frequencies)
def test_tax_takes_no_more_than_half_of_a_payment(
    pay: Decimal, past: tuple[Decimal, Decimal], code: str, on: date, paid: str
) -> None:
    table = paye.tax_table(codes.read(code), on, paid)

    assert paye.tax(table, pay, *past) <= pay / 2


@given(amounts, st.tuples(amounts, amounts), st.sampled_from(BY_ITSELF), paydays, frequencies)
def test_a_payment_taxed_by_itself_gives_nothing_back_and_looks_at_nothing_else(
    pay: Decimal, past: tuple[Decimal, Decimal], code: str, on: date, paid: str
) -> None:
    table = paye.tax_table(codes.read(code), on, paid)

    due = paye.tax(table, pay, *past)

    assert due >= 0
    assert due == paye.tax(table, pay, Decimal(0), Decimal(0))


@given(amounts, amounts, st.sampled_from(CUMULATIVE), paydays, frequencies)
def test_what_the_half_of_pay_holds_back_is_taken_later_and_no_tax_is_lost(
    pay: Decimal, before: Decimal, code: str, on: date, paid: str
) -> None:
    table = paye.tax_table(codes.read(code), on, paid)
    if table.alone:
        return

    first = paye.tax(table, pay, before, Decimal(0))
    then = paye.tax(table, Decimal(10_000_000), before + pay, first)

    assert first + then == paye.tax_on(table, before + pay + 10_000_000)


@given(amounts, letters, paydays, frequencies)
def test_national_insurance_never_exceeds_its_rate_times_pay(
    pay: Decimal, letter: str, on: date, paid: str
) -> None:
    table = ni.ni_table(letter, FREQUENCIES[paid][0], on)

    assert 0 <= ni.contribution(table.worker, pay) <= pay * Decimal("0.08")
    assert 0 <= ni.contribution(table.employer, pay) <= pay * Decimal("0.15")


@given(amounts, small, letters, paydays, frequencies)
def test_national_insurance_never_falls_when_pay_rises(
    pay: Decimal, more: Decimal, letter: str, on: date, paid: str
) -> None:
    table = ni.ni_table(letter, FREQUENCIES[paid][0], on)
    for bands in (table.worker, table.employer):
        assert ni.contribution(bands, pay) <= ni.contribution(bands, pay + more)


@given(amounts, letters, paydays, frequencies)
def test_the_bands_told_to_hmrc_lie_within_pay(
    pay: Decimal, letter: str, on: date, paid: str
) -> None:
    told = ni.banded(ni.ni_table(letter, FREQUENCIES[paid][0], on), pay)

    assert all(band >= 0 for band in told)
    assert sum(told) <= pay


@given(st.decimals(0, 100, places=4, allow_nan=False))
def test_half_a_penny_of_national_insurance_goes_down(amount: Decimal) -> None:
    rounded = ni.ni_round(amount)

    assert -Decimal("0.006") < rounded - amount < Decimal("0.005")


@given(amounts, st.sampled_from([*loans.PLANS, "postgraduate"]), paydays, frequencies)
def test_a_penny_more_pay_moves_a_loan_by_a_pound_or_not_at_all(
    pay: Decimal, plan: str, on: date, paid: str
) -> None:
    table = loans.loan_table(plan, on, paid)

    moved = loans.repayment(table, pay + PENNY) - loans.repayment(table, pay)

    assert moved in {Decimal("0.00"), Decimal("1.00")}


@given(st.lists(amounts, min_size=1, max_size=12), st.sampled_from("ABCJMHFN"))
def test_a_directors_year_is_the_same_however_it_was_paid(pays: list[Decimal], letter: str) -> None:
    told = {"director": {"method": "annual"}}
    carried: dict[str, Decimal] = {}
    for on, pay in zip(MONTHS, pays, strict=False):
        paid = slip(pay, on, "monthly", "NT", letter, elections=told, year_to_date=carried)
        carried = dict(paid.carried_forward)
    whole = slip(sum(pays, Decimal(0)), MONTHS[-1], "monthly", "NT", letter, elections=told)

    for kept in ("earnings", "worker", "employer"):
        key = f"gb.ni.{letter}.{kept}"
        assert carried.get(key, 0) == whole.carried_forward.get(key, 0)


@given(st.lists(amounts, min_size=1, max_size=12))
def test_the_alternative_method_ends_the_year_where_the_annual_one_does(
    pays: list[Decimal],
) -> None:
    carried: dict[str, Decimal] = {}
    for on, pay in zip(MONTHS, pays, strict=False):
        last = on == MONTHS[len(pays) - 1]
        told = {"director": {"method": "alternative", "last_payment": last}}
        paid = slip(pay, on, "monthly", "NT", "A", elections=told, year_to_date=carried)
        carried = dict(paid.carried_forward)
    owed = directors.between(
        directors.annual_table("A", 52, MONTHS[0]).worker, Decimal(0), sum(pays, Decimal(0))
    )

    assert carried.get("gb.ni.A.worker", Decimal(0)) == owed


SCHEME = {"arrangement": "net_pay", "worker": "0.05", "employer": "0.03"}


@given(amounts, st.sampled_from(pensions.ARRANGEMENTS), paydays, frequencies)
def test_what_goes_into_a_pension_lies_between_nothing_and_the_share_of_the_band(
    pay: Decimal, arrangement: str, on: date, paid: str
) -> None:
    limits = pensions.thresholds(FREQUENCIES[paid][0], on)
    scheme = pensions.Scheme(arrangement, "qualifying", Decimal("0.05"), Decimal("0.03"))

    put_in = pensions.contribute(scheme, limits, pay, pay)

    assert 0 <= put_in.counted <= limits.upper - limits.lower
    assert put_in.from_pay + put_in.before_tax + put_in.given_up <= pay
    assert put_in.employer >= 0


slips = st.builds(
    lambda pay, on, paid, code, letter, arrangement, plan, deducted: Situation(
        "GB",
        on,
        paid,
        (
            Earning("work", "work", pay),
            Earning("travel", "expense", Decimal("12.30"), taxable=False),
        ),
        {"tax_code": code, "ni_letter": letter, "student_loan": plan, "postgraduate_loan": True},
        employer={"pension": {**SCHEME, "arrangement": arrangement}, "pays_levy": True},
        deductions=deducted,
        year_to_date={"gb.taxable": Decimal("1000.00"), "gb.tax": Decimal("150.00")},
        worker_born_on=None if letter == "?" else date(1990, 1, 1),
    ),
    amounts,
    paydays,
    frequencies,
    code_forms,
    st.sampled_from("ABJFNX"),
    st.sampled_from(pensions.ARRANGEMENTS),
    st.sampled_from(loans.PLANS),
    st.lists(
        st.builds(
            Deduction,
            st.sampled_from(
                ["gb.order.dea_standard", "gb.order.child_maintenance", "gb.order.maintenance"]
            ),
            st.just("order"),
            small,
            protected=small,
        )
        | st.builds(Deduction, st.sampled_from(["loan", "tools"]), st.just("loan"), small),
        max_size=3,
        unique_by=lambda one: one.code,
    ).map(tuple),
)


@given(slips)
def test_a_payslip_adds_up_and_never_pays_less_than_nothing(situation: Situation) -> None:
    paid = payslip(situation)

    assert paid.net == paid.gross - paid.taken
    assert paid.net >= 0
    assert all(line.amount == line.amount.quantize(PENNY) for line in paid.lines)
    assert all(line.source for line in paid.lines if line.rule)


@given(slips)
def test_what_is_carried_forward_is_what_was_there_and_what_the_lines_say(
    situation: Situation,
) -> None:
    paid, before = payslip(situation), situation.year_to_date

    def grown(*keys: str) -> Decimal:
        return sum(
            (
                paid.carried_forward.get(key, Decimal(0)) - before.get(key, Decimal(0))
                for key in keys
            ),
            Decimal(0),
        )

    said = {line.code: line.amount for line in paid.lines}
    letter = situation.elections["ni_letter"]
    assert grown("gb.tax") == said["gb.paye"]
    assert grown(f"gb.ni.{letter}.worker") == said["gb.ni.worker"]
    assert grown(f"gb.ni.{letter}.employer") == said["gb.ni.employer"]
    assert grown("gb.student_loan") == said["gb.student_loan"]
    assert grown("gb.levy") == said["gb.levy"]


@given(slips)
def test_taking_a_payslip_back_and_running_it_again_restores_every_figure(
    situation: Situation,
) -> None:
    first, before = payslip(situation), situation.year_to_date
    moved = {key: value - before.get(key, 0) for key, value in first.carried_forward.items()}

    undone = {key: value - moved[key] for key, value in first.carried_forward.items()}
    again = payslip(
        Situation(
            **{
                **{name: getattr(situation, name) for name in Situation.__slots__},
                "year_to_date": {key: value for key, value in undone.items() if value},
            }
        )
    )

    assert {key: value for key, value in undone.items() if value} == dict(before)
    assert again == first


@given(slips)
def test_orders_leave_what_the_law_protects(situation: Situation) -> None:
    paid = payslip(situation)
    of_orders = [line for line in paid.lines if line.code.startswith(orders.PREFIX)]
    if not of_orders:
        return
    told = {line.code: line.amount for line in paid.lines}
    attachable = (
        paid.gross
        - Decimal("12.30")
        - told["gb.paye"]
        - told["gb.ni.worker"]
        - told.get("gb.pension.worker", Decimal(0))
    )
    attachable = attachable if attachable > 0 else Decimal(0)

    taken = sum(line.amount for line in of_orders)

    assert taken <= attachable
    if "gb.order.maintenance" not in told:
        assert taken <= attachable * Decimal("0.4") + PENNY


@given(paydays, frequencies)
def test_every_payday_of_the_year_has_its_period(on: date, paid: str) -> None:
    when = payday(on, paid)

    assert 1 <= tax_week(on) <= 53
    assert 1 <= tax_month(on) <= 12
    assert when.number % when.covers == 0
    assert when.extra == (when.number > when.base)
    assert on <= month_ends_on(on)
    assert tax_month(month_ends_on(on)) == tax_month(on)
