"""A figure is in force from its day, never before, never after its end, and is never a float."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from rulebook.timeline import Figure, NoRule, Rules, Timeline, exact

pytestmark = pytest.mark.rulebook

FILE = """
[[rule]]
id = "wage"
from = 2026-04-01
until = 2027-04-01
value = "12.71"
source = "the second"
confidence = "verified"

[[rule]]
id = "wage"
from = 2025-04-01
value = "12.21"
source = "the first"
confidence = "verified"

[[rule]]
id = "table"
from = 2026-04-06
value = { names = ["one", "2"], day = 2026-04-06, share = "-0.5" }
source = "a table"
confidence = "recalled"
"""


@pytest.fixture
def rules(tmp_path: Path) -> Rules:
    (tmp_path / "some").mkdir()
    (tmp_path / "some" / "wages.toml").write_text(FILE, "utf-8")
    return Rules.read(tmp_path, "xx")


def test_each_day_has_the_figure_in_force(rules: Rules) -> None:
    wage = rules["xx.wage"]

    assert wage.on(date(2025, 4, 1)).value == Decimal("12.21")
    assert wage.on(date(2026, 3, 31)).source == "the first"
    assert wage.on(date(2026, 4, 1)).value == Decimal("12.71")
    assert wage.on(date(2026, 4, 1)).version == "xx.wage@2026-04-01"


@pytest.mark.parametrize("day", [date(2025, 3, 31), date(2027, 4, 1), date(2030, 1, 1)])
def test_a_day_without_law_is_refused_and_named(rules: Rules, day: date) -> None:
    with pytest.raises(NoRule) as missing:
        rules["xx.wage"].on(day)

    assert (missing.value.rule, missing.value.day) == ("xx.wage", day)
    assert day.isoformat() in str(missing.value)


def test_a_table_keeps_its_shape_and_its_numbers_are_exact(rules: Rules) -> None:
    assert rules["xx.table"].on(date(2026, 4, 6)).value == {
        "names": ("one", Decimal(2)),
        "day": date(2026, 4, 6),
        "share": Decimal("-0.5"),
    }


def test_every_rule_of_a_folder_is_there(rules: Rules) -> None:
    assert sorted(rules) == ["xx.table", "xx.wage"]
    assert len(rules) == 2
    assert "xx.other" not in rules


def test_a_timeline_may_be_written_in_any_order() -> None:
    rows = tuple(
        Figure("r", date(year, 1, 1), None, Decimal(year), "s", "verified")
        for year in (2028, 2026, 2027)
    )

    assert [figure.since.year for figure in Timeline("r", rows).figures] == [2026, 2027, 2028]


def test_a_float_is_never_a_figure() -> None:
    with pytest.raises(TypeError):
        exact({"rate": [0.15]})


@pytest.mark.parametrize("text", ["1257L", "", "-", ".", "1.2.3", "١٢"])
def test_text_that_is_no_number_stays_text(text: str) -> None:
    assert exact(text) == text
