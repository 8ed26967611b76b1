"""/v1/calculations: payslips worked out from what is sent, and nothing else; nothing is kept."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.door import Answer, Call, door
from api.errors import problem_of
from api.lines import Line
from api.resource import Amount, Choice, Day, Json, Many, Shape, Text, Whole
from api.v1.payroll.situations import COUNTRIES, CalculationsIn, asked, fault_of
from api.v1.payroll.words import CURRENCIES, FIGURE, TAG, figures
from backline.kernel.errors import Fault, Invalid, Refusal
from rulebook import lines
from rulebook.calculations import CURRENCIES as MONEY
from rulebook.calculations import ENGAGEMENTS, work_out
from rulebook.money import NOTHING
from rulebook.pack import Payslip, Refused, Unpayable

SUMS = ("gross", "taken", "net", "employer_cost")

STEP = Shape("PayStep", (Text("label"), Text("result")), doc="One step towards a figure, in words.")
FIGURED = Shape(
    "ExplainedLine",
    (
        Choice("kind", ("earning", "tax", "deduction", "employer", "information")),
        Text("code"),
        Text("label"),
        Amount("amount"),
        Amount("base", doc="What it was worked out from."),
        Text("rule", doc="The rule's id; empty where there is none, as for a sum earned."),
        Text("rule_version", doc="The day from which the figures used are law."),
        Text("source", doc="Their publication."),
        Text("payee", doc="Whom it is owed to, where that is named."),
        Json(
            "steps",
            {"type": "array", "items": STEP.ref()},
            null=True,
            doc="What led from the base to the amount; null where no explanation was asked for.",
        ),
    ),
    doc="One figure of a payslip and why it is what it is; kind employer is a cost beside the pay.",
)
CALCULATION = Shape(
    "Calculation",
    (
        Text("reference", null=True),
        Choice("country", COUNTRIES),
        Choice("engagement", tuple(ENGAGEMENTS)),
        Day("pay_on"),
        Choice("currency", CURRENCIES),
        Amount("gross"),
        Amount("taken", doc="Taxes and deductions of the worker."),
        Amount("net"),
        Amount("employer_cost", doc="What the employer owes beside gross."),
        Many("lines", FIGURED),
        Json(
            "year_to_date",
            {"type": "array", "items": FIGURE},
            doc="Carried forward: send it with the next payslip of the year.",
        ),
        Text("pack", doc="The version of the rules that worked it out."),
    ),
    doc="A payslip worked out; a pay run with the same facts pays the same.",
)
CALCULATED = Shape(
    "Calculated",
    (
        Whole("index", doc="The place in the list that was sent, from 0."),
        Choice("outcome", ("done", "refused")),
        Json("payslip", CALCULATION, null=True),
        Json("problem", {"$ref": "#/components/schemas/Problem"}, null=True),
    ),
    doc="One payslip of many, or every reason why there is none; pointers begin at the payslip.",
)
SUMMED = Shape(
    "CalculationSums",
    (Choice("currency", CURRENCIES), Whole("payslips"), *(Amount(name) for name in SUMS)),
    doc="What the payslips of one currency come to.",
)
CALCULATIONS = Shape(
    "Calculations",
    (
        Whole("done"),
        Whole("refused"),
        Json("totals", {"type": "array", "items": SUMMED.ref()}),
        Json("results", {"type": "array", "items": CALCULATED.ref()}),
    ),
    doc="Every payslip in the order sent; one that is refused never stops the others.",
)


@door(
    "POST",
    "/v1/calculations",
    "calculations_make",
    scope="calculations:make",
    body=CalculationsIn,
    answers=CALCULATION,
    instead={207: CALCULATIONS},
    role="apart",  # nobody's books are opened: everything needed is in the call
    tag=TAG,
)
def make(call: Call) -> object:
    """Work out one payslip, or up to 1,000, from what is sent; nothing is kept and nobody is paid.

    `payslip` answers 200 with the payslip or 422 with every fault; `payslips` answers 207 with each
    of them, or its problem. Pay runs go by the same rules, so a preview equals the run. `explain`
    adds the steps that led to each figure: told for one payslip, left out for many unless asked.
    """
    one, many, explain = (call.body.get(name) for name in ("payslip", "payslips", "explain"))
    if one is not None:
        (found,) = work_out([asked(one, explain=explain is not False)])
        if not isinstance(found, Payslip):
            raise _refusal(found, one, "/payslip")
        return _shown(found, one, explain=explain is not False)
    return Answer(_calculated(many, explain=explain is True), 207)


def _calculated(sent: Sequence[Line], *, explain: bool) -> dict[str, object]:
    good = [(line, line.values) for line in sent if line.values is not None]
    worked = work_out([asked(values, explain=explain) for _, values in good])
    became = {line.n: (found, values) for (line, values), found in zip(good, worked, strict=True)}
    results = [_result(line, became.get(line.n), explain=explain) for line in sent]
    refused = sum(1 for one in results if one["problem"])
    payslips = [(values, found) for found, values in became.values() if isinstance(found, Payslip)]
    return {
        "done": len(results) - refused,
        "refused": refused,
        "totals": _totals(payslips),
        "results": results,
    }


def _result(
    line: Line, became: tuple[Payslip | Refused, dict[str, Any]] | None, *, explain: bool
) -> dict[str, object]:
    refusal, shown = line.refusal, None
    if became is not None:
        found, values = became
        if isinstance(found, Payslip):
            shown = _shown(found, values, explain=explain)
        else:
            refusal = _refusal(found, values, "")
    return {
        "index": line.n,
        "outcome": "refused" if refusal else "done",
        "payslip": shown,
        "problem": problem_of(refusal) if refusal else None,
    }


def _totals(payslips: Sequence[tuple[Mapping[str, Any], Payslip]]) -> list[dict[str, object]]:
    found: dict[str, dict[str, Any]] = {}
    for values, slip in payslips:
        currency = MONEY[values["country"]]
        sums = found.setdefault(currency, {"payslips": 0, **dict.fromkeys(SUMS, NOTHING)})
        sums["payslips"] += 1
        for name in SUMS:
            sums[name] += getattr(slip, name)
    return [SUMMED.show({"currency": name, **sums}) for name, sums in sorted(found.items())]


def _refusal(found: Refused, given: Mapping[str, Any], before: str) -> Refusal:
    """Every fault with its pointer; law that is not held is named with its day."""
    if isinstance(found, Unpayable):
        told = [fault_of(one, given) for one in found.faults]
        return Invalid.of([Fault(one.code, one.detail, before + one.pointer) for one in told])
    return Invalid(
        "law_not_held", str(found), pointer=f"{before}/pay_on", rule=found.rule, day=found.day
    )


def _shown(slip: Payslip, given: Mapping[str, Any], *, explain: bool) -> dict[str, object]:
    currency = MONEY[given["country"]]
    return CALCULATION.show(
        {
            **{name: given.get(name) for name in ("reference", "country", "engagement", "pay_on")},
            **{name: getattr(slip, name) for name in SUMS},
            "currency": currency,
            "lines": [figured(line, currency, explain=explain) for line in slip.lines],
            "year_to_date": figures(slip.carried_forward),
            "pack": slip.pack,
        }
    )


def figured(line: lines.Line, currency: str, *, explain: bool = True) -> dict[str, object]:
    """A figure as it is told, its rule apart from the version of it."""
    cites = [cite.partition("@") for cite in line.rule.split(", ") if cite]
    return {
        **line._asdict(),
        "currency": currency,
        "rule": ", ".join(rule for rule, _, _ in cites),
        "rule_version": ", ".join(version for _, _, version in cites),
        "steps": [step._asdict() for step in line.steps] if explain else None,
    }
