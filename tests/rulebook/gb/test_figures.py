"""What stands beside the payslip comes out as the case files say: wage, sick pay, holiday, CIS."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from rulebook.pack import pack
from rulebook.packs.gb import cis, family, holiday, levy, ni, sick, taxyear, wage
from rulebook.timeline import NoRule
from tests.rulebook.gb.reading import agree, cases, earning, plain

pytestmark = pytest.mark.rulebook


@pytest.mark.parametrize("case", cases("wage"))
def test_the_minimum_wage_of_an_age_and_what_pay_falls_short_of_it(case: dict[str, Any]) -> None:
    given = case["inputs"]
    least = wage.minimum(given["born_on"], given["starts_on"], given.get("apprentice", ""))
    pay, hours = wage.counted_pay(tuple(earning(one) for one in given["earnings"]))

    short = wage.shortfall(pay, hours, Decimal(given.get("kept", "0")), least.amount)

    agree(case["expected"], {"minimum": least.amount, "short": short})


@pytest.mark.parametrize("case", cases("sick"))
def test_sick_pay_of_an_absence(case: dict[str, Any]) -> None:
    given, expected = case["inputs"], case["expected"]

    def paid() -> tuple[sick.SickWeek, ...]:
        return sick.sick_pay(
            given["days"],
            average=Decimal(given["average"]),
            qualifying_weekdays=frozenset(given["weekdays"]),
            first_day=given.get("first_day", given["days"][0]),
            weeks_paid=Decimal(given.get("weeks_paid", "0")),
        )

    if "no_rule" in expected:
        with pytest.raises(NoRule) as missing:
            paid()
        assert missing.value.rule == expected["no_rule"]
    else:
        agree(expected, {"total": sick.total(paid()), "weeks": Decimal(len(paid()))})


@pytest.mark.parametrize("case", cases("family"))
def test_family_pay_of_a_week(case: dict[str, Any]) -> None:
    given, expected = case["inputs"], case["expected"]
    facts = given["kind"], given["week"], Decimal(given["average"]), given["on"]

    if "no_rule" in expected:
        with pytest.raises(NoRule) as missing:
            family.weekly(*facts)
        assert missing.value.rule == expected["no_rule"]
    else:
        agree(expected, {"amount": family.weekly(*facts)})


@pytest.mark.parametrize("case", cases("holiday"))
def test_holiday(case: dict[str, Any]) -> None:
    given, on = case["inputs"], case["inputs"]["on"]
    said = {
        "rolled_up": lambda: {"amount": holiday.rolled_up(Decimal(given["pay"]), on)},
        "accrued": lambda: {
            "amount": holiday.accrued_hours(Decimal(given["hours"]), on),
            "whole": holiday.whole_hours(holiday.accrued_hours(Decimal(given["hours"]), on)),
        },
        "entitlement": lambda: {"amount": holiday.entitlement_days(Decimal(given["days"]), on)},
        "leaver": lambda: {
            "amount": holiday.owed_to_leaver(
                Decimal(given["a_year"]), Decimal(given["part"]), Decimal(given["taken"])
            )
        },
    }

    agree(case["expected"], said[given["of"]]())


@pytest.mark.parametrize("case", cases("entitlement"))
def test_what_someone_is_entitled_to(case: dict[str, Any]) -> None:
    given, expected = case["inputs"], case["expected"]
    on = given.get("on")

    def weeks() -> list[holiday.PaidWeek]:
        paid = [amount for count, amount in given["newest_first"] for _ in range(count)]
        return [
            holiday.PaidWeek(on - timedelta(weeks=n), Decimal(amount))
            for n, amount in enumerate(paid, 1)
        ]

    asked: dict[str, Callable[[], dict[str, Any]]] = {
        "family": lambda: {
            "faults": list(family.entitled(Decimal(given["average"]), given["weeks"], on))
        },
        "recovered": lambda: {
            "amount": family.recoverable(Decimal(given["paid"]), Decimal(given["class_1"]), on)
        },
        "linked": lambda: {"linked": sick.links(given["ended_on"], given["began_on"])},
        "week_pay": lambda: {"amount": holiday.week_pay(weeks(), on)},
        "cis": lambda: {"return": cis.return_due_on(on), "statement": cis.statement_due_on(on)},
    }
    if "refused" in expected:
        with pytest.raises(ValueError, match=expected["refused"]):
            asked[given["of"]]()
        return

    said = asked[given["of"]]()

    assert said == {name: as_said(value) for name, value in expected.items()}


def as_said(value: Any) -> Any:
    """An expected figure as the rulebook says it; lists of words stay lists."""
    return value if isinstance(value, list) else plain(value)


@pytest.mark.parametrize("case", cases("cis"))
def test_a_subcontractors_deduction(case: dict[str, Any]) -> None:
    given, expected = case["inputs"], case["expected"]
    facts = Decimal(given["payment"]), Decimal(given["materials"]), given["standing"], given["on"]

    if "refused" in expected:
        with pytest.raises(cis.BadConstruction) as refusal:
            cis.deduct(*facts)
        assert refusal.value.code == expected["refused"]
        return

    payment = cis.deduct(*facts)

    said = {"deducted": payment.deducted, "paid": payment.paid, "liable": payment.liable}
    agree(expected, said)
    assert payment.line.amount == payment.deducted


@pytest.mark.parametrize("case", cases("levy"))
def test_a_firms_month(case: dict[str, Any]) -> None:
    given, on = case["inputs"], case["inputs"]["on"]
    if given["of"] == "levy":
        share = Decimal(given.get("share", "1"))
        amount = levy.levy_due(Decimal(given["pay"]), Decimal(given["paid"]), on, share)
    else:
        amount = levy.allowance_used(Decimal(given["employer_ni"]), Decimal(given["used"]), on)

    agree(case["expected"], {"amount": amount})


@pytest.mark.parametrize("case", cases("dues"))
def test_the_tax_period_of_a_payday_and_when_it_is_due(case: dict[str, Any]) -> None:
    given, on = case["inputs"], case["inputs"]["on"]
    said: dict[str, Any] = {
        "week": Decimal(taxyear.tax_week(on)),
        "month": Decimal(taxyear.tax_month(on)),
    }
    for name in case["expected"]:
        if name.startswith("due."):
            liability = name.removeprefix("due.")
            said[name] = pack("GB").due_on(liability, on, given.get("employer", {}))

    agree(case["expected"], said)


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [("0.0059", "0.00"), ("0.006", "0.01"), ("0.005", "0.00"), ("26.825", "26.82"), ("0", "0.00")],
)
def test_national_insurance_drops_the_fourth_decimal_and_then_half_a_penny(
    exact: str, rounded: str
) -> None:
    assert ni.ni_round(Decimal(exact)) == Decimal(rounded)


def test_a_liability_that_does_not_exist_has_no_due_day() -> None:
    with pytest.raises(KeyError):
        pack("GB").due_on("gb.parking", date(2026, 4, 17))
