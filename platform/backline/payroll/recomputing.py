"""Recomputing: payslips worked out again from what was kept with them, and explained."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from backline.charges.models import Charge
from backline.kernel.errors import Conflict
from backline.kernel.events import plain
from backline.payroll import companies, situations
from backline.payroll.models import PayLine, Payslip, PayslipLine
from rulebook.calculations import together
from rulebook.lines import Line, Step, total
from rulebook.money import NOTHING
from rulebook.pack import REFUSED, Refused, Situation
from rulebook.pack import Payslip as Worked
from rulebook.rates import spoken

KEPT = ("kind", "code", "label", "amount", "base", "rule", "source", "payee")
LONGEST = {"label": 120, "rule": 120, "source": 200, "payee": 60}
TAKEN = ("tax", "deduction")
UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class Again(NamedTuple):
    """What a payslip comes to when it is worked out again; why it does not, if it does not."""

    lines: Sequence[Line] = ()
    vat: Decimal = NOTHING
    carried_forward: Mapping[str, str] | None = None
    refused: str = ""


def worked_out(slips: Sequence[Payslip], *, explain: bool = False) -> list[Again]:
    """Work these payslips out again, in their order; a void is its original turned round."""
    found: dict[UUID, Again] = {}
    read: dict[UUID, Situation] = {}
    for slip in slips:
        try:
            if slip.pack == companies.PACK:
                found[slip.pk] = _of_company(slip, explain=explain)
            else:
                read[slip.pk] = situations.read(slip.situation, explain=explain)
        except UNREADABLE as no:
            found[slip.pk] = Again(refused=f"What is kept cannot be read: {no}")
    employed = zip(read, together(list(read.values())), strict=True)
    found |= {key: _of_employed(worked) for key, worked in employed}
    return [_turned_round(found[one.pk]) if one.voids_id else found[one.pk] for one in slips]


def recomputed(slip: Payslip, *, explain: bool = False) -> Sequence[Line]:
    """The lines of a payslip worked out again from what was kept with it; a void's are its
    original's, turned round. Raises Conflict where the rules of today refuse it.
    """
    (again,) = worked_out([slip], explain=explain)
    if again.refused:
        raise Conflict("cannot_be_recomputed", again.refused)
    return again.lines


def explained(slip: Payslip) -> list[Line]:
    """Every line of a payslip with the steps that led to it: by the law, and for what was earned by
    the work that is paid.
    """
    lines = recomputed(slip, explain=True)
    if slip.voids_id is not None:
        said = "What the voided statement says, taken back in full"
        return [line._replace(steps=(Step(said, f"{line.amount}"),)) for line in lines]
    earned = iter(slip.situation["earnings"])
    work: dict[tuple[str, str], list[Step]] = {}
    rows = PayLine.objects.filter(payslip=slip).select_related("charge")
    for row in rows.order_by("charge__worked_on", "charge_id"):
        charge = row.charge
        work.setdefault((charge.code, charge.region), []).append(
            Step(_in_words(charge), f"{row.amount}")
        )
    told = []
    for line in lines:
        one = next(earned, None) if line.kind == "earning" else None
        steps = work.get((one["code"], one["place"])) if one else None
        told.append(line._replace(steps=tuple(steps)) if steps else line)
    return told


def differences(slips: Sequence[Payslip]) -> dict[UUID, list[str]]:
    """The payslips that do not come out again as they were kept, each with what differs."""
    kept: dict[UUID, list[tuple[Any, ...]]] = {}
    rows = PayslipLine.objects.filter(payslip__in=slips).order_by("payslip_id", "n")
    for slip, *line in rows.values_list("payslip_id", *KEPT):
        kept.setdefault(slip, []).append(tuple(line))
    found = {
        slip.pk: list(_differences(slip, kept.get(slip.pk, []), again))
        for slip, again in zip(slips, worked_out(slips), strict=True)
    }
    return {key: told for key, told in found.items() if told}


def _of_employed(worked: Worked | Refused) -> Again:
    if isinstance(worked, REFUSED):
        return Again(refused=str(worked))
    return Again(worked.lines, NOTHING, plain(dict(worked.carried_forward)))


def _of_company(slip: Payslip, *, explain: bool) -> Again:
    paid = companies.worked_out(slip.situation, explain=explain)
    return Again(paid.lines, paid.vat, plain(dict(paid.carried_forward)))


def _turned_round(again: Again) -> Again:
    """The year to date after a void is that of its day, which its original does not know."""
    lines = [line._replace(amount=-line.amount, base=-line.base) for line in again.lines]
    return Again(lines, -again.vat, None, again.refused)


def _differences(slip: Payslip, kept: Sequence[tuple[Any, ...]], again: Again) -> Iterable[str]:
    if again.refused:
        yield again.refused
        return
    if len(kept) != len(again.lines):
        yield f"{len(kept)} lines are kept, {len(again.lines)} come out"
    for old, line in zip(kept, again.lines, strict=False):
        new = tuple(_cut(name, getattr(line, name)) for name in KEPT)
        for name, was, comes in zip(KEPT, old, new, strict=True):
            if was != comes:
                yield f"{line.code}: {name} {was} is kept, {comes} comes out"
    sums = {
        "gross": total(again.lines, "earning"),
        "taken": total(again.lines, *TAKEN),
        "employer_cost": total(again.lines, "employer"),
        "vat": again.vat,
    }
    for name, comes in sums.items():
        if getattr(slip, name) != comes:
            yield f"{name} {getattr(slip, name)} is kept, {comes} comes out"
    if again.carried_forward is not None and slip.carried_forward != again.carried_forward:
        yield "the year to date differs"


def _cut(name: str, value: Any) -> Any:
    """A value as the column keeps it."""
    return value[: LONGEST[name]] if name in LONGEST else value


def _in_words(charge: Charge) -> str:
    return spoken(
        charge.worked_on,
        charge.label,
        unit=charge.unit,
        quantity=charge.pay_quantity,
        rate=charge.pay_rate,
        factor=charge.pay_factor,
    )
