"""What the doors of assignments share: engagements, frequencies, rates and overtime as sent."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from api import fields
from api.schemas import Schema
from api.v1.directory.words import Word
from backline.assignments.actions import NewRate, NewRates
from backline.assignments.actions.adding import FREQUENCIES
from backline.assignments.engagements import ENGAGEMENTS
from rulebook.calendars import calendars
from rulebook.money import Money
from rulebook.rates import Unsolvable, solve
from rulebook.windows import TAKEN

__all__ = ["ENGAGEMENTS", "FREQUENCIES", "TAG", "OvertimeIn", "RateIn", "RatesIn"]

TAG = "assignments"
UNITS = ("hour", "day", "unit")
SIDES = ("pay_rate", "bill_rate")
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
BETWEEN = ("markup_share", "margin_share", "spread")


class Clock(fields.Spelled):
    """A time of day, HH:MM, kept as it is spelled."""

    code = "invalid_time"

    def read(self, text: str) -> str:
        """The time."""
        if not CLOCK.fullmatch(text):
            raise ValueError("Write a time of day such as 22:00.")
        return text

    def schema(self) -> Schema:
        """A time of day."""
        return {"type": "string", "pattern": f"^{CLOCK.pattern}$", "examples": ["22:00"]}


class WindowIn(fields.Input):
    """A part of the week that is paid at a rate of its own: nights, weekends, bank holidays.

    Plain time inside it is priced by the rate of its code; of two windows the first one wins.
    """

    code = fields.Text(longest=20, help_text="The code of the rate: night, weekend …")
    begins = Clock(required=False, help_text="From this time of day; midnight unless told.")
    ends = Clock(required=False, help_text="Up to it, the next morning where that is not later.")
    weekdays = fields.Many(fields.Whole(most=6), required=False, doc="0 is Monday; else every day.")
    bank_holidays = fields.Choice(
        calendars(), required=False, help_text="The bank holidays of a calendar."
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """A name that pricing does not use itself."""
        if given["code"] in TAKEN:
            told = f"Another name than {given['code']}, please: that one has a meaning already."
            raise fields.wrong("code", "code_taken", told)
        return given


class OvertimeIn(fields.Input):
    """From which hour overtime is paid, by which factor, and what parts of the week have rates of
    their own; what law says comes on top.
    """

    weekly_over = fields.DecimalText(required=False, most="168", help_text="Hours a week.")
    daily_over = fields.DecimalText(required=False, most="24", help_text="Hours a day.")
    factor = fields.DecimalText(required=False, least="1", most="5", places=4)
    double_weekly_over = fields.DecimalText(
        required=False, most="168", help_text="Hours a week after which time is paid double."
    )
    double_daily_over = fields.DecimalText(
        required=False, most="24", help_text="Hours a day after which time is paid double."
    )
    seventh_factor = fields.DecimalText(
        required=False, least="1", most="5", places=4,
        help_text="The factor of the last of seven days worked in a week.",
    )  # fmt: skip
    windows = fields.Many(WindowIn(), least=0, most=10, required=False)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The agreement keeps them as they are spelled."""
        read = super().to_internal_value(data)
        return {
            name: format(told, "f") if isinstance(told, Decimal) else told
            for name, told in read.items()
        }


class RateIn(fields.Input):
    """The price of one unit of one kind of work; one side may be left out."""

    code = fields.Text(longest=20, help_text="regular, night, weekend …; regular is always there.")
    unit = fields.Choice(UNITS, default="hour")
    pay_rate = fields.RateIn(required=False, allow_null=True)
    bill_rate = fields.RateIn(required=False, allow_null=True)
    markup_share = fields.DecimalText(
        places=4, least="-1", required=False, doc="The spread as a share of pay: solves a side."
    )
    margin_share = fields.DecimalText(
        places=4, least="-9", most="0.9999", required=False,
        doc="The spread as a share of bill: solves a side.",
    )  # fmt: skip
    spread = fields.RateIn(required=False, doc="Bill less pay: solves a side.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """The side that is left out, worked out from the other and what lies between them."""
        between = {name: given.pop(name) for name in BETWEEN if name in given}
        if not between:
            return given
        sides = {name: given[name] for name in SIDES if given.get(name)}
        told = [*sides.values(), *(each for each in between.values() if isinstance(each, Money))]
        currencies = {each.currency for each in told}
        if len(currencies) > 1:
            raise fields.wrong("spread", "two_currencies", "What is solved is in one currency.")
        facts = {name: getattr(each, "amount", each) for name, each in {**sides, **between}.items()}
        try:
            pair = solve(**facts)
        except Unsolvable as no:
            raise fields.wrong(no.fact or next(iter(between)), no.code, str(no)) from None
        currency = currencies.pop()
        solved = {name: Money(getattr(pair, name), currency) for name in SIDES}
        return given | solved


class RatesIn(fields.Input):
    """What an assignment pays and bills from a day, both sides together."""

    since = fields.Day(required=False)
    rates = fields.Many(RateIn(), most=30)
    overtime_billed = fields.Flag(default=True)
    reason = Word(longest=200)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """One currency a side."""
        for side in SIDES:
            spoken = {rate[side].currency for rate in given["rates"] if rate.get(side)}
            if len(spoken) > 1:
                raise fields.wrong("rates", "two_currencies", f"Every {side} is in one currency.")
        return given

    @staticmethod
    def agreed(given: Mapping[str, Any], *, since: date) -> NewRates:
        """The rates as they are agreed; a side without any price takes the other's currency."""
        spoken = {
            side: next((rate[side].currency for rate in given["rates"] if rate.get(side)), "")
            for side in SIDES
        }
        return NewRates(
            since=given.get("since", since),
            rates=[
                NewRate(
                    rate["code"],
                    rate["pay_rate"].amount if rate.get("pay_rate") else None,
                    rate["bill_rate"].amount if rate.get("bill_rate") else None,
                    rate["unit"],
                )
                for rate in given["rates"]
            ],
            pay_currency=spoken["pay_rate"] or spoken["bill_rate"],
            bill_currency=spoken["bill_rate"] or spoken["pay_rate"],
            overtime_billed=given["overtime_billed"],
            reason=given.get("reason", ""),
        )
