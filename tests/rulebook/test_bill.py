"""Bill: the same lines, billed in any way, come to the same; tax by the law of the day."""

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.bill import (
    GROUPINGS,
    BillLine,
    Draft,
    Due,
    Terms,
    adjustment,
    credit_note,
    drafts,
    net_by,
)
from rulebook.money import NOTHING, to_penny
from rulebook.taxes import UNTAXED, TaxRate, sales_tax, uk_vat, us_without_sales_tax
from rulebook.timeline import NoRule, exact

pytestmark = pytest.mark.rulebook

D = Decimal
CASES: Any = exact(
    tomllib.loads((Path(__file__).parent / "cases" / "money" / "invoices.toml").read_text("utf-8"))
)
TODAY = date(2026, 10, 5)


def line(charge: str, amount: str, **facts: Any) -> BillLine:
    known: dict[str, Any] = {
        "worker": "Ada",
        "day": date(2026, 9, 28),
        "code": "standard",
        "quantity": D("8"),
        "rate": D("22.00"),
        **facts,
    }
    return BillLine(
        charge=charge,
        client="Acme",
        assignment=f"asg_{known['worker']}",
        amount=D(amount),
        currency="GBP",
        worker_name=known["worker"],
        **known,
    )


MONTH = [
    line(
        row["charge"],
        row["amount"],
        **{k: v for k, v in row.items() if k not in ("charge", "amount")},
    )
    for row in CASES["line"]
]


@pytest.mark.parametrize("case", CASES["case"], ids=lambda case: case["name"])
def test_a_month_is_billed_by_rule(case: Mapping[str, Any]) -> None:
    made = drafts(MONTH, Terms(case["split_by"]), uk_vat(), CASES["tax_point"])
    assert tuple(draft.net for draft in made) == case["nets"]
    assert tuple(draft.tax for draft in made) == case["taxes"]
    assert sum(draft.net for draft in made) == D("828.72")


def test_three_workers_in_two_towns_make_one_two_three_or_six_invoices() -> None:
    lines = [
        line(f"{worker}-{site}", "10.00", worker=worker, site=site)
        for worker in ("Ada", "Ben", "Cy")
        for site in ("Leeds", "York")
    ]
    ways: list[tuple[str, ...]] = [(), ("site",), ("worker",), ("worker", "site")]
    assert [len(drafts(lines, Terms(way), uk_vat(), TODAY)) for way in ways] == [1, 2, 3, 6]


@pytest.mark.parametrize("case", CASES["due"], ids=lambda case: case["name"])
def test_an_invoice_falls_due_by_its_terms(case: Mapping[str, Any]) -> None:
    assert Due(int(case["days"]), case["counted"]).on(case["issued"]) == case["due"]


def test_the_order_of_lines_does_not_depend_on_the_order_they_came_in() -> None:
    terms = Terms(("site",))
    assert drafts(MONTH, terms, uk_vat(), TODAY) == drafts(MONTH[::-1], terms, uk_vat(), TODAY)
    (whole,) = drafts(MONTH, Terms(), uk_vat(), TODAY)
    assert whole.charges == ("chg_1", "chg_4", "chg_5", "chg_6", "chg_2", "chg_3")


def test_a_summed_line_adds_the_days_of_a_week_and_keeps_every_charge() -> None:
    days = [
        line(f"chg_{n}", "146.67", day=date(2026, 9, 28) + timedelta(n), quantity=D("6.67"))
        for n in range(5)
    ]
    (made,) = drafts(days, Terms(is_summed=True), uk_vat(), TODAY)
    (only,) = made.lines
    assert (only.quantity, only.amount) == (D("33.35"), D("733.35"))
    assert only.charges == ("chg_0", "chg_1", "chg_2", "chg_3", "chg_4")
    assert (only.starts_on, only.ends_on) == (date(2026, 9, 28), date(2026, 10, 2))


def test_what_is_taken_back_is_not_netted_out_of_sight() -> None:
    lines = [line("new", "220.00"), line("back", "-176.00", quantity=D("-8"))]
    (made,) = drafts(lines, Terms(is_summed=True), uk_vat(), TODAY)
    assert [part.amount for part in made.lines] == [D("-176.00"), D("220.00")]


def test_lines_that_come_to_less_than_nothing_are_a_credit_note() -> None:
    (made,) = drafts([line("back", "-176.00", quantity=D("-8"))], Terms(), uk_vat(), TODAY)
    assert (made.kind, made.net, made.tax, made.gross) == (
        "credit_note",
        D("-176.00"),
        D("-35.20"),
        D("-211.20"),
    )


def test_two_currencies_and_two_clients_never_share_an_invoice() -> None:
    lines = [
        line("one", "10.00"),
        line("two", "10.00")._replace(currency="EUR"),
        line("three", "10.00")._replace(client="Bolt"),
    ]
    made = drafts(lines, Terms(), uk_vat(), TODAY)
    assert [draft.group_key for draft in made] == ["Acme|EUR", "Acme|GBP", "Bolt|GBP"]


def test_an_unknown_way_to_split_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be split by weather"):
        Terms(("weather",))


def test_net_can_be_summed_along_any_grouping() -> None:
    for name in GROUPINGS:
        assert sum(net_by(MONTH, name).values()) == D("828.72")
    assert net_by(MONTH, "worker") == {("Ada", "GBP"): D("473.00"), ("Ben", "GBP"): D("355.72")}


# Tax


def test_tax_is_worked_out_once_for_each_rate_on_the_sum_of_its_lines() -> None:
    lines = [line(f"chg_{n}", "0.13", tax="standard") for n in range(3)]
    (made,) = drafts(lines, Terms(), uk_vat(), TODAY)
    assert made.tax == D("0.08")  # 20 % of 0.39; line by line it would be three times 0.03


def test_each_treatment_has_its_own_row_category_and_legend() -> None:
    treatments = ("standard", "reduced", "zero", "exempt", "outside", "reverse_charge")
    lines = [line(code, "100.00", tax=code) for code in treatments]
    (made,) = drafts(lines, Terms(), uk_vat(), TODAY)
    rows = {row.rate.code: (row.rate.category, row.amount) for row in made.taxes}
    assert rows == {
        "exempt": ("E", D("0.00")),
        "outside": ("O", D("0.00")),
        "reduced": ("S", D("5.00")),
        "reverse_charge": ("AE", D("0.00")),
        "standard": ("S", D("20.00")),
        "zero": ("Z", D("0.00")),
    }
    assert "Reverse charge: customer to account for the VAT to HMRC." in made.legends
    assert [row.rate.label for row in made.taxes if row.rate.code == "standard"] == ["VAT 20 %"]


def test_a_tax_point_before_the_law_that_is_held_is_refused() -> None:
    with pytest.raises(NoRule) as refused:
        drafts([line("chg", "10.00")], Terms(), uk_vat(), date(2010, 12, 31))
    assert (refused.value.rule, refused.value.day) == ("tax.standard", date(2010, 12, 31))
    with pytest.raises(NoRule):
        drafts([line("chg", "10.00", tax="luck")], Terms(), uk_vat(), TODAY)


def test_a_firm_holds_its_own_sales_tax_rows_by_day() -> None:
    rows = (
        sales_tax(
            "sales.PA",
            D("0.06"),
            "PA sales tax",
            date(2020, 1, 1),
            until=date(2026, 10, 1),
            source="notice 1",
        ),
        sales_tax("sales.PA", D("0.07"), "PA sales tax", date(2026, 10, 1), source="notice 2"),
    )
    table = us_without_sales_tax().including(rows)
    lines = [line("one", "1200.00", tax="sales.PA"), line("two", "50.00", tax="none")]
    taxes = [drafts(lines, Terms(), table, day)[0].tax for day in (date(2026, 9, 30), TODAY)]
    assert taxes == [D("72.00"), D("84.00")]
    assert table.codes == ("none", "sales.PA")
    assert UNTAXED.version == "none@0001-01-01"


# Corrections of what was issued


def test_a_credit_note_mirrors_its_invoice_to_the_penny() -> None:
    (issued,) = drafts(MONTH, Terms(), uk_vat(), TODAY)
    note = credit_note(issued, date(2026, 10, 12))
    assert (note.kind, note.net, note.tax) == ("credit_note", -issued.net, -issued.tax)
    for mirrored, original in zip(note.lines, issued.lines, strict=True):
        assert mirrored.charges == original.charges
        assert (mirrored.quantity, mirrored.amount) == (-original.quantity, -original.amount)
    assert (note.issued_on, note.due_on) == (date(2026, 10, 12), date(2026, 10, 12))


def test_ten_hours_that_should_be_eight_leave_the_same_ledger_either_way() -> None:
    (issued,) = drafts([line("ten", "220.03", quantity=D("10"))], Terms(), uk_vat(), TODAY)
    (right,) = drafts([line("eight", "176.02")], Terms(), uk_vat(), TODAY)
    only = adjustment([issued], [line("two", "-44.01", quantity=D("-2"))], Terms(), uk_vat(), TODAY)
    assert only is not None
    reversed_ = credit_note(issued, TODAY)
    assert only.kind == "credit_note"
    assert issued.gross + only.gross == issued.gross + reversed_.gross + right.gross
    assert only.tax == right.tax - issued.tax


def test_an_adjustment_keeps_the_rate_of_the_original_and_taxes_what_is_new() -> None:
    seventeen = TaxRate(
        "standard", "S", D("0.175"), "VAT 17.5 %", date(2010, 1, 1), date(2011, 1, 4)
    )
    table = uk_vat().including([seventeen])
    (issued,) = drafts([line("ten", "220.00")], Terms(), table, date(2010, 12, 20))
    lines = [line("back", "-44.00"), line("fare", "10.00", tax="zero")]
    made = adjustment([issued], lines, Terms(), table, TODAY)
    assert made is not None
    assert [(row.rate.code, row.amount) for row in made.taxes] == [
        ("standard", D("-7.70")),
        ("zero", D("0.00")),
    ]
    assert adjustment([issued], [], Terms(), table, TODAY) is None


pennies = st.decimals(min_value="-500", max_value="5000", places=2)
many_lines = st.lists(
    st.builds(
        lambda n, amount, worker, site, day, tax, po: line(
            f"chg_{n}",
            str(amount),
            worker=worker,
            site=site,
            day=date(2026, 9, 25) + timedelta(day),
            tax=tax,
            po_number=po,
        ),
        st.integers(0, 10**9),
        pennies,
        st.sampled_from(["Ada", "Ben"]),
        st.sampled_from(["Leeds", "York"]),
        st.integers(0, 12),
        st.sampled_from(["standard", "reduced", "zero"]),
        st.sampled_from(["", "PO-7"]),
    ),
    min_size=1,
    max_size=10,
    unique_by=lambda made: made.charge,
)
ways_to_split = st.lists(st.sampled_from(sorted(GROUPINGS)), unique=True, max_size=4)


def tax_rows(made: tuple[Draft, ...]) -> int:
    return sum(len(draft.taxes) for draft in made)


@given(lines=many_lines, split=ways_to_split, is_summed=st.booleans())
def test_totals_are_the_same_whatever_the_split(
    lines: list[BillLine], split: list[str], is_summed: bool
) -> None:
    (whole,) = drafts(lines, Terms(), uk_vat(), TODAY)
    made = drafts(lines, Terms(tuple(split), is_summed=is_summed), uk_vat(), TODAY)
    assert sum((draft.net for draft in made), NOTHING) == whole.net
    assert sorted(ref for draft in made for ref in map(str, draft.charges)) == sorted(
        str(ref) for ref in whole.charges
    )
    # each row is rounded by itself, so a split may move the tax by half a penny a row
    drift = abs(sum((draft.tax for draft in made), NOTHING) - whole.tax)
    assert drift <= D("0.005") * (tax_rows(made) + tax_rows((whole,)))
    for draft in made:
        assert draft.net == sum((row.net for row in draft.taxes), NOTHING)
        assert draft.gross == draft.net + draft.tax
        for row in draft.taxes:
            assert row.amount == to_penny(row.net * row.rate.share)


@given(first=many_lines, later=st.lists(many_lines, max_size=3))
def test_an_invoice_and_its_adjustments_are_the_invoice_of_everything(
    first: list[BillLine], later: list[list[BillLine]]
) -> None:
    issued = list(drafts(first, Terms(), uk_vat(), TODAY))
    everything = list(first)
    for n, lines in enumerate(later):
        renamed = [one._replace(charge=f"{n}-{one.charge}") for one in lines]
        everything += renamed
        made = adjustment(issued, renamed, Terms(), uk_vat(), TODAY)
        assert made is not None
        issued.append(made)
    (whole,) = drafts(everything, Terms(), uk_vat(), TODAY)
    assert sum((draft.net for draft in issued), NOTHING) == whole.net
    assert sum((draft.tax for draft in issued), NOTHING) == whole.tax
