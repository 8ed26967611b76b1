"""What a payslip is asked for with: its form on the wire, and where on it a fault of it is."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from rest_framework import serializers

from api import fields
from api.errors import escaped
from api.lines import Lines
from api.v1.payroll.told import Told, elections, employer
from backline.kernel.errors import Fault
from rulebook.calculations import CURRENCIES, ENGAGEMENTS, Asked, Worktime
from rulebook.hours import Worked
from rulebook.money import NOTHING, Money
from rulebook.pack import Deduction, Earning, Situation
from rulebook.periods import DAY, Period

MOST = 1_000
COUNTRIES = tuple(CURRENCIES)
FREQUENCIES = (
    "daily", "weekly", "fortnightly", "biweekly", "four_weekly", "semimonthly", "monthly",
    "quarterly", "semiannual", "annual",
)  # fmt: skip
KINDS = (
    "work", "overtime", "holiday", "bonus", "commission", "allowance", "expense", "statutory",
    "benefit", "advance", "correction", "carried", "recovery",
)  # fmt: skip
DEDUCTIONS = ("pension", "order", "loan", "advance", "other")
EXAMPLE = {
    "payslip": {
        "country": "US",
        "engagement": "w2",
        "pay_on": "2026-03-06",
        "frequency": "weekly",
        "time": {
            "lines": [
                {
                    "worked_on": "2026-02-23",
                    "quantity": "45.00",
                    "rate": {"amount": "20.00", "currency": "USD"},
                    "place": "TX",
                }
            ]
        },
        "elections": {"w4": {"form": 2020, "status": "single"}},
        "employer": {"suta": {"TX": {"rate": "0.027"}}},
        "year_to_date": [{"key": "us.ss.wages", "amount": "7200.00"}],
    }
}


class PaidPeriodIn(fields.Input):
    """When it was earned; some law goes by that, not by the pay date."""

    starts_on = fields.Day()
    ends_on = fields.Day(doc="The last day.")

    def validate(self, given: dict[str, date]) -> dict[str, date]:
        """It ends on its first day or later."""
        if given["ends_on"] < given["starts_on"] or given["ends_on"] == date.max:
            raise fields.wrong("ends_on", "ends_before_it_starts", "A period ends after it starts.")
        return given


class PaidEarningIn(fields.Input):
    """What was earned, as a sum."""

    code = fields.Text(longest=40, required=False, doc="Its own name; left out, its kind.")
    kind = fields.Choice(KINDS, default="work")
    amount = fields.MoneyIn(least=None)
    hours = fields.DecimalText(
        places=4, least=None, default=NOTHING, doc="For the minimum wage, where it is known."
    )
    place = fields.Text(longest=20, blank=True, default="", doc="The state or nation worked in.")
    taxable = fields.Flag(required=False, doc="Left out: all but expenses are.")


class PaidTimeLineIn(fields.Input):
    """Time on one day at a straight rate; what is overtime in it follows from the law."""

    worked_on = fields.Day()
    quantity = fields.DecimalText(most="1000", doc="Without breaks.")
    rate = fields.RateIn()
    unit = fields.Choice(("hour", "day"), default="hour")
    code = fields.Text(longest=20, default="regular")
    assignment = fields.Text(longest=60, default="1", doc="Whose rates and agreement these are.")
    place = fields.Text(longest=20, blank=True, default="")
    started_at = fields.Instant(required=False)
    ended_at = fields.Instant(required=False)
    break_minutes = fields.Whole(
        default=0,
        most=1440,
        doc="Of clocked time; California owes an hour of pay for a day's missed meal.",
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Clocked time has a beginning and a later end."""
        begun, ended = given.get("started_at"), given.get("ended_at")
        if (begun is None) != (ended is None) or (begun and ended and ended <= begun):
            raise fields.wrong("ended_at", "ends_before_it_starts", "Time ends after it starts.")
        return given


class PromisedBonusIn(fields.Input):
    """A bonus that was promised for a week's work; itself it is paid as an earning."""

    earned_on = fields.Day(doc="A day of that week, on which there was work.")
    amount = fields.MoneyIn()


class OvertimeIn(fields.Input):
    """Overtime by agreement, where no law decides."""

    factor = fields.DecimalText(
        required=False, least="1", most="10", doc="1.5 is time and a half, after these hours:"
    )
    weekly_over = fields.DecimalText(required=False, most="168")
    daily_over = fields.DecimalText(required=False, most="24")
    double_weekly_over = fields.DecimalText(required=False, most="168")
    double_daily_over = fields.DecimalText(required=False, most="24")
    seventh_factor = fields.DecimalText(
        required=False, least="1", most="10", doc="Of the last of seven days worked in a week."
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """What begins after so many hours is paid at a factor."""
        if {"weekly_over", "daily_over"} & given.keys() and "factor" not in given:
            raise fields.wrong("factor", "required", "Say at which factor those hours are paid.")
        return given


class PaidTimeIn(fields.Input):
    """Time to be split into bands, week by week, as approving and paying it would."""

    lines = fields.Many(PaidTimeLineIn(), most=400)
    week_starts = fields.Whole(most=6, default=0, doc="The workweek's first day; Monday is 0.")
    overtime = OvertimeIn(required=False)
    promised_bonuses = fields.Many(
        PromisedBonusIn(), least=0, most=50, required=False, doc="They raise the rate of overtime."
    )
    rolls_up_holiday = fields.Flag(default=False, doc="Whether holiday pay is paid along.")


class PaidDeductionIn(fields.Input):
    """What is taken besides tax."""

    code = fields.Text(longest=40, doc="Its own for ever, such as us.order.support.17.")
    kind = fields.Choice(DEDUCTIONS, default="other")
    amount = fields.MoneyIn()
    priority = fields.Whole(most=1000, default=100, doc="The lower goes first.")
    payee = fields.Text(longest=60, blank=True, default="")
    treatment = fields.Text(longest=40, default="after_tax")
    protected = fields.MoneyIn(required=False, doc="Pay that an order must leave.")
    balance = fields.MoneyIn(required=False, doc="What is still owed; left out, there is no end.")
    cap = fields.MoneyIn(required=False, doc="The most it takes at once, arrears and all.")


class FigureIn(fields.Input):
    """One year-to-date figure before this payslip, as the answer before it told it."""

    key = fields.Text(longest=60)
    amount = fields.DecimalText(places=4, least=None, most="99999999999.9999")


class PayslipIn(fields.Input):
    """Everything that one payslip is made from; nothing is looked up and nothing is guessed."""

    reference = fields.Text(longest=60, required=False, doc="Yours; the answer repeats it.")
    country = fields.Choice(COUNTRIES)
    engagement = fields.Choice(
        tuple(ENGAGEMENTS), doc="paye, off_payroll, cis (GB); w2, 1099 (US)."
    )
    pay_on = fields.Day(doc="It selects the law; where that is not held the answer is a refusal.")
    frequency = fields.Choice(FREQUENCIES)
    period = PaidPeriodIn(required=False)
    worker_born_on = fields.Day(required=False)
    earnings = fields.Many(PaidEarningIn(), most=200, required=False)
    time = PaidTimeIn(required=False)
    elections = Told(
        elections,
        required=False,
        doc="What the worker has said. GB: tax_code, tax_basis, ni_letter …; of cis: standing."
        " US: w4, states, home, local ….",
    )
    employer = Told(
        employer,
        required=False,
        doc="What the firm was told or has decided. GB: pension, pays_levy …. US: suta, states …",
    )
    deductions = fields.Many(PaidDeductionIn(), least=0, most=100, required=False)
    year_to_date = fields.Many(FigureIn(), least=0, most=400, required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Something was earned, in the country's money, by somebody who was born."""
        faults: dict[str, Any] = {}
        if not given.get("earnings") and "time" not in given:
            faults |= _wrong("earnings", "required", "Send earnings, or time to be split.")
        born = given.get("worker_born_on")
        if born is not None and born >= given["pay_on"]:
            faults |= _wrong("worker_born_on", "day_out_of_range", "Nobody was born then.")
        faults |= _other_money(given)
        keys = [one["key"] for one in given.get("year_to_date", ())]
        twice = {
            n: _wrong("key", "key_twice", f"{key} stands here twice.")
            for n, key in enumerate(keys)
            if key in keys[:n]
        }
        if twice:
            faults["year_to_date"] = twice
        if faults:
            raise serializers.ValidationError(faults)
        return given


class CalculationsIn(fields.Input):
    """One payslip, or up to 1,000 of them."""

    example = EXAMPLE
    most_bytes, most_values = 8 * 1024 * 1024, 250_000

    payslip = PayslipIn(required=False, doc="One; the answer is the payslip itself.")
    payslips = Lines(PayslipIn, most=MOST, required=False)
    explain = fields.Flag(
        required=False,
        doc="Whether each line tells its steps; left out: true for one payslip, false for many.",
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Exactly one of both forms."""
        if ("payslip" in given) == ("payslips" in given):
            raise fields.wrong("", "one_form_needed", "Send either payslip or payslips.")
        return given


def _wrong(name: str, code: str, says: str) -> dict[str, Any]:
    return {name: [serializers.ErrorDetail(says, code)]}


def _other_money(given: Mapping[str, Any]) -> dict[str, Any]:
    """Amounts in a currency in which nobody is paid there."""
    wanted = CURRENCIES[given["country"]]
    found: dict[str, Any] = {}
    lists: dict[tuple[str, ...], Sequence[Mapping[str, Any]]] = {
        ("earnings",): given.get("earnings", ()),
        ("time", "lines"): given.get("time", {}).get("lines", ()),
        ("time", "promised_bonuses"): given.get("time", {}).get("promised_bonuses", ()),
        ("deductions",): given.get("deductions", ()),
    }
    for path, members in lists.items():
        wrong: dict[int, Any] = {}
        for n, one in enumerate(members):
            own = {
                name: _wrong("currency", "other_currency", f"Pay is in {wanted} there.")
                for name, value in one.items()
                if isinstance(value, Money) and value.currency != wanted
            }
            if own:
                wrong[n] = own
        if wrong:
            into = found.setdefault(path[0], {}) if len(path) > 1 else found
            into[path[-1]] = wrong
    return found


# --- as the rulebook takes it ---------------------------------------------------------------------


def asked(given: Mapping[str, Any], *, explain: bool) -> Asked:
    """A payslip as the rulebook is asked for it."""
    period = given.get("period")
    situation = Situation(
        country=given["country"],
        pay_on=given["pay_on"],
        frequency=given["frequency"],
        earnings=tuple(_earning(one) for one in given.get("earnings", ())),
        elections=given.get("elections", {}),
        employer=given.get("employer", {}),
        deductions=tuple(_deduction(one) for one in given.get("deductions", ())),
        year_to_date={one["key"]: one["amount"] for one in given.get("year_to_date", ())},
        worker_born_on=given.get("worker_born_on"),
        explain=explain,
        period=Period(period["starts_on"], period["ends_on"] + DAY) if period else None,
    )
    time = given.get("time")
    return Asked(given["engagement"], situation, _time(time) if time else None)


def _earning(one: Mapping[str, Any]) -> Earning:
    return Earning(
        one.get("code", one["kind"]),
        one["kind"],
        one["amount"].amount,
        one["hours"],
        one["place"],
        one.get("taxable", one["kind"] != "expense"),
    )


def _deduction(one: Mapping[str, Any]) -> Deduction:
    protected, balance, cap = (one.get(name) for name in ("protected", "balance", "cap"))
    return Deduction(
        one["code"],
        one["kind"],
        one["amount"].amount,
        one["priority"],
        one["payee"],
        one["treatment"],
        protected.amount if protected else NOTHING,
        balance.amount if balance else None,
        cap.amount if cap else None,
    )


def _time(given: Mapping[str, Any]) -> Worktime:
    return Worktime(
        tuple(
            Worked(
                one["assignment"],
                one["worked_on"],
                one["code"],
                one["quantity"],
                one["unit"],
                one.get("started_at"),
                one.get("ended_at"),
                one["break_minutes"],
                place=one["place"],
                rate=one["rate"].amount,
            )
            for one in given["lines"]
        ),
        given["week_starts"],
        {name: str(value) for name, value in given.get("overtime", {}).items()},
        given["rolls_up_holiday"],
        tuple(
            (one["earned_on"], one["amount"].amount) for one in given.get("promised_bonuses", ())
        ),
    )


# --- where a fault is -----------------------------------------------------------------------------


def fault_of(found: tuple[str, str, str], given: Mapping[str, Any]) -> Fault:
    """A fault of the rules at its place in what was sent, as a JSON pointer."""
    where, code, says = found
    return Fault(code, says, _pointer(where, given))


def _pointer(where: str, given: Mapping[str, Any]) -> str:
    name, _, rest = where.partition(".")
    if name == "year_to_date" and rest:
        keys = [one["key"] for one in given.get(name, ())]
        return f"/{name}/{keys.index(rest)}" if rest in keys else f"/{name}"
    if name == "earnings" and not _is_sent(rest, given.get("earnings", ())):
        return "/time"
    steps, told = list[str](), given.get(name)
    while rest:
        step, rest, told = _step(rest, told)
        steps.append(step)
    return "".join(f"/{escaped(step)}" for step in (name, *steps) if step)


def _is_sent(rest: str, earnings: Sequence[object]) -> bool:
    """Whether an earning was sent as such, or came of time."""
    number = rest.partition(".")[0]
    return bool(earnings) and (not number.isdecimal() or int(number) < len(earnings))


def _step(rest: str, told: Any) -> tuple[str, str, Any]:
    """The next step of a dotted place: the longest name that is there, since names have dots."""
    if isinstance(told, Mapping):
        parts = rest.split(".")
        for most in range(len(parts), 0, -1):
            name = ".".join(parts[:most])
            if name in told:
                return name, ".".join(parts[most:]), told[name]
    step, _, left = rest.partition(".")
    is_place = isinstance(told, list) and step.isdecimal() and int(step) < len(told)
    return step, left, told[int(step)] if is_place else None
