"""Working time in the United States: overtime by law, minimum wages, missed meals and rests.

25 h in Texas and 25 h in Arizona for one employer: 10 h of overtime, the later ones
10 h on one day in California: 8 straight, 2 at one and a half
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import cast

from rulebook.hours import NO_HOURS, NOT_WORKED, Band, DayRules, Tier, WeekRules, Worked
from rulebook.money import NOTHING, to_penny
from rulebook.packs.us import law
from rulebook.timeline import Figure

DOUBLE = Decimal(2)
ALL_HOURS = "all_hours"
Rows = Sequence[Sequence[Decimal]]


def week_rules(
    on: date,
    places: frozenset[str],
    agreed: Mapping[str, object],  # noqa: ARG001 - law, not agreement, decides what is overtime
) -> WeekRules:
    """The overtime rules of a week worked in some states; federal law pools all of them."""
    return _week_rules(on, places)


@lru_cache(maxsize=1024)
def _week_rules(on: date, places: frozenset[str]) -> WeekRules:
    figure = law.figure("overtime.week", on)
    week = law.table("overtime.week", on)
    days: dict[str, DayRules] = {}
    versions = [figure]
    for place in sorted(places):
        if law.has(f"{place}.overtime"):
            found = law.figure(f"{place}.overtime", on)
            versions.append(found)
            days[place] = _day_rules(found)
    ways = {_spreads_bonus(place, on) for place in places} or {ALL_HOURS}
    return WeekRules(
        (Tier(week["over"], week["factor"]),),
        MappingProxyType(days),
        spreads_bonus=ways.pop() if len(ways) == 1 else "",
        rule=", ".join(version.version for version in versions),
        source="; ".join(version.source for version in versions),
    )


def _spreads_bonus(place: str, on: date) -> str:
    """Over which hours a bonus is spread: federal law takes all of them."""
    if not law.has(f"{place}.flat_bonus"):
        return ALL_HOURS
    return f"{law.names(f'{place}.flat_bonus', on)['over']}_hours"


def _day_rules(figure: Figure) -> DayRules:
    value = cast(Mapping[str, object], figure.value)

    def tiers(name: str) -> tuple[Tier, ...]:
        rows = cast(Rows, value.get(name, ()))
        return tuple(
            Tier(over, factor, "double" if factor >= DOUBLE else "overtime")
            for over, factor in rows
        )

    return DayRules(
        tiers("daily"),
        tiers("seventh"),
        cast(Decimal, value.get("seventh_needs", Decimal(0))),
        tiers("consecutive"),
        cast("Decimal | None", value.get("only_if_rate_below")),
    )


def holiday_share(on: date) -> Decimal:  # noqa: ARG001 - no law here adds holiday pay to pay
    """The share that holiday pay adds when paid along with pay: none."""
    return NOTHING


def minimum_wage(place: str, on: date) -> tuple[Decimal, str]:
    """The higher of the federal and the state's minimum on a day worked, and its rule."""
    federal, state = law.figure("minimum_wage", on), law.figure(f"{place}.minimum_wage", on)
    higher = max((federal, state), key=lambda figure: cast(Decimal, figure.value))
    return cast(Decimal, higher.value), higher.version


def bonus_premium(bonus: Decimal, bands: Sequence[Band], place: str, on: date) -> Decimal:
    """What a bonus that was promised adds to the overtime of the week it was earned in.

    It raises the regular rate by its share of all hours, and half of that is still owed for an hour
    at 1.5 (29 CFR 778.208-209). Where a state counts a flat sum over straight hours alone, it has
    paid nothing for the others, and an hour at 1.5 is owed all of 1.5. No hours, nothing to add.
    """
    hours = [band for band in bands if band.unit == "hour" and band.code not in NOT_WORKED]
    lifted = sum((band.quantity * (band.factor - 1) for band in hours), NO_HOURS)
    over = sum((band.quantity for band in hours), NO_HOURS)
    rule = f"{place}.flat_bonus"
    if law.has(rule) and law.names(rule, on)["over"] == "straight":
        lifted = sum((band.quantity * band.factor for band in hours if band.factor > 1), NO_HOURS)
        over = sum((band.quantity for band in hours if band.factor == 1), NO_HOURS)
    return to_penny(bonus / over * lifted) if over else NOTHING


def missed_meals(worked: Sequence[Worked]) -> list[tuple[str, date]]:
    """The days with a meal missed, and the assignment worked on last that day.

    Breaks are known of clocked time alone: what was taken off it, and the time between two lines.
    """
    days: dict[tuple[date, str], list[Worked]] = {}
    for line in worked:
        if line.starts is not None and line.ends is not None:
            days.setdefault((line.on, line.place), []).append(line)
    found = []
    for (on, _), lines in sorted(days.items()):
        lines.sort(key=lambda line: line.starts.timestamp() if line.starts else 0)
        hours = sum((line.quantity for line in lines), Decimal(0))
        rested = sum(line.breaks_minutes for line in lines) + sum(map(_between, pairwise(lines)))
        if missed_breaks(replace(lines[-1], quantity=hours, breaks_minutes=rested)):
            found.append((lines[-1].assignment, on))
    return found


def _between(two: tuple[Worked, Worked]) -> int:
    """The minutes off between two lines of a day."""
    first, second = two
    if first.ends is None or second.starts is None:
        return 0
    return max(int((second.starts - first.ends).total_seconds()) // 60, 0)


def missed_breaks(line: Worked) -> int:
    """How many extra hours of pay California adds for a day's missed meals, at most one (TC-20).

    A meal of 30 minutes is due before the end of the fifth hour, a second before the tenth. Only
    breaks that were reported count; rests are reported as a code of their own.
    """
    if line.place != "CA" or line.unit != "hour":
        return 0
    figures = law.table("CA.missed_breaks", line.on)
    worked = line.quantity
    meals = (worked > figures["first_meal_after"]) + (worked > figures["second_meal_after"])
    return 1 if line.breaks_minutes < meals * figures["meal_minutes"] else 0
