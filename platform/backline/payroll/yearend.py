"""Year end: what each worker's year comes to on the forms of its country, and a pay day as HMRC is
told of it; computed from final statements, checked, and never sent from here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum

from backline.directory import queries as directory
from backline.directory.models import Worker
from backline.kernel import ids
from backline.kernel.errors import Missing
from backline.payroll import deemed, situations
from backline.payroll.latest import EMPLOYED
from backline.payroll.models import OpeningFigure, PayRun, Payslip, PayslipLine, YearCorrection
from rulebook import pack as packs
from rulebook.lines import Line
from rulebook.money import NOTHING
from rulebook.pack import Situation
from rulebook.packs.gb import forms as gb
from rulebook.packs.gb import submissions
from rulebook.packs.gb.submissions import Employee
from rulebook.packs.us import forms as us
from rulebook.timeline import NoRule

Figures = Mapping[str, Decimal]
AMENDED = {"GB": gb.AMENDED, "US": us.AMENDED}
# Which lines of statements a figure of the year to date is the sum of.
SUMS = {
    "gb.tax": ("gb.paye",),
    "us.fit": ("us.fit", "us.fit.supplemental"),
    "us.ss": ("us.ss",),
    "us.medicare": ("us.medicare",),
}


@dataclass(frozen=True, slots=True)
class Boxed:
    """One figure of a form; `reported` is what stood there before a correction of the year."""

    box: str
    label: str
    amount: Decimal
    place: str = ""
    reported: Decimal | None = None


@dataclass(frozen=True, slots=True)
class YearForm:
    """A worker's form of a tax year; `differs` names figures that are not the sum of the runs."""

    worker: UUID
    form: str
    tax_year: str
    currency: str
    due_on: date | None
    figures: tuple[Boxed, ...]
    differs: tuple[str, ...]
    file_anew: tuple[str, ...] = ()


def forms_of(tax_year: str, worker: UUID | None = None) -> list[YearForm]:
    """The form of every worker who was paid in a tax year, voids taken off."""
    slips = Payslip.objects.filter(tax_year=tax_year, run__is_final=True)
    if worker is not None:
        slips = slips.filter(worker=worker)
    last = (
        slips.filter(route__in=EMPLOYED)
        .order_by("worker_id", "country", "-run__released_at", "-id")
        .distinct("worker_id", "country")
    )
    rows = list(last)
    own, corrected = _sums(slips, rows), _corrections(tax_year)
    found = [
        _employed(
            slip,
            own.get((slip.worker_id, slip.country), {}),
            corrected.get((slip.worker_id, slip.country)),
        )
        for slip in rows
    ]
    paid = slips.filter(route="1099").values("worker_id", "currency").annotate(gross=Sum("gross"))
    newest = slips.filter(route="1099").order_by("-pay_on").values_list("pay_on", flat=True).first()
    found += [
        YearForm(
            row["worker_id"],
            "1099-NEC",
            tax_year,
            row["currency"],
            _due("US", newest) if newest else None,
            tuple(Boxed(one.box, one.label, one.amount) for one in us.nec(row["gross"])),
            (),
        )
        for row in paid.order_by("worker_id")
    ]
    return sorted(found, key=lambda form: (str(form.worker), form.form))


def to_date(worker: UUID, tax_year: str = "") -> list[Payslip]:
    """The statement with which a worker's tax years stand as they do, one a year and employment:
    the last final one, whatever calendar paid it, voids and corrections followed.
    """
    if not Worker.objects.filter(pk=worker).exists():
        raise Missing("not_found", "There is no such worker.")
    rows = Payslip.objects.filter(worker=worker, run__is_final=True, route__in=EMPLOYED)
    if tax_year:
        rows = rows.filter(tax_year=tax_year)
    last = rows.order_by("tax_year", "country", "-run__released_at", "-id")
    return list(last.distinct("tax_year", "country").select_related("run"))


def p45(worker: UUID, leaves_on: date) -> gb.P45:
    """The figures of a leaver's P45; raises Missing for somebody who was not paid under PAYE."""
    if not Worker.objects.filter(pk=worker).exists():
        raise Missing("not_found", "There is no such worker.")
    slip = (
        Payslip.objects.filter(worker=worker, route="paye", run__is_final=True)
        .order_by("-run__released_at", "-id")
        .first()
    )
    if slip is None:
        raise Missing("not_paid", "This worker was never paid under PAYE here.")
    return gb.p45(situations.read(slip.situation), _carried(slip), leaves_on)


def full_payment(
    run: UUID, *, late_reason: str = "", on: date
) -> tuple[submissions.Submission, tuple[submissions.Fault, ...]]:
    """What HMRC is told of a released run, on or before its pay day, and what it would turn away;
    raises Missing for a run that tells it nothing.
    """
    row = PayRun.objects.filter(pk=run).first()
    if row is None:
        raise Missing("not_found", "There is no such pay run.")
    if row.released_at is None:
        raise Missing("not_final", "HMRC is told of pay that is final; release the run first.")
    told = Q(route="paye") | Q(pk__in=deemed.statements().filter(run=row))
    slips = list(Payslip.objects.filter(told, run=row).select_related("worker").order_by("id"))
    if not slips:
        raise Missing("no_paye", "Nobody in this run is paid under PAYE.")
    before = Payslip.objects.in_bulk([slip.follows for slip in slips if slip.follows])
    starters = directory.elections([slip.worker_id for slip in slips], row.pay_on)
    lines = _lines(slips)
    payments = [
        submissions.payment(
            _employee(slip, starters.get(slip.worker_id, {}).get("gb_starter", {})),
            _told(slip, before),
            packs.Payslip(tuple(lines.get(slip.pk, ())), _carried(slip), slip.pack),
        )
        for slip in slips
    ]
    registered = directory.registrations(row.pay_on).get("hmrc_paye")
    facts = registered.facts if registered else {}
    submission = submissions.full_payment(
        registered.reference if registered else "",
        str(facts.get("accounts_office", "")),
        row.pay_on,
        payments,
        late_reason,
    )
    return submission, submissions.faults(submission, on)


def _told(slip: Payslip, before: Mapping[UUID, Payslip]) -> Situation:
    """What a statement was made of, or the pay it was deemed to be; a void follows the statement
    that stood before it.
    """
    told = situations.read(slip.situation.get("deemed") or slip.situation)
    if slip.voids_id is None:
        return told
    earlier = before.get(slip.follows) if slip.follows else None
    return replace(told, pay_on=slip.pay_on, year_to_date=_carried(earlier) if earlier else {})


def _employee(slip: Payslip, starter: Mapping[str, Any]) -> Employee:
    worker = slip.worker
    born = worker.born_on.reveal() if worker.born_on else ""
    hours = starter.get("weekly_hours")
    return Employee(
        payroll_id=_payroll_id(slip),
        surname=worker.family_name,
        forenames=worker.given_name,
        born_on=date.fromisoformat(born) if born else None,
        sex=str(starter.get("sex", "")),
        nino=worker.tax_id.reveal() if worker.tax_id else "",
        address=tuple(str(part) for part in (worker.address or {}).values() if part),
        starts_on=_day(starter.get("starts_on")),
        declaration=str(starter.get("declaration", "")),
        leaves_on=_day(starter.get("leaves_on")),
        weekly_hours=Decimal(str(hours)) if hours else None,
    )


def _payroll_id(slip: Payslip) -> str:
    """By what HMRC knows an employment: deemed pay through a company is another one than that of
    the same person under PAYE.
    """
    own = slip.worker.reference or ids.public("wrk", slip.worker_id).rpartition("_")[2]
    if slip.intermediary_id is None:
        return own
    return f"{own[:26]}-{ids.public('imy', slip.intermediary_id)[-8:]}"


def _day(told: object) -> date | None:
    return date.fromisoformat(str(told)) if told else None


def _lines(slips: Sequence[Payslip]) -> dict[UUID, list[Line]]:
    found: dict[UUID, list[Line]] = {}
    rows = PayslipLine.objects.filter(payslip__in=[slip.pk for slip in slips])
    for row in rows.order_by("payslip_id", "n"):
        found.setdefault(row.payslip_id, []).append(
            Line(row.kind, row.code, row.label, row.amount, row.base)
        )
    return found


def _employed(slip: Payslip, sums: Figures, corrected: Figures | None) -> YearForm:
    carried = _carried(slip)
    figures = _figures(slip, carried)
    if corrected is not None:
        now = {
            key: carried.get(key, NOTHING) + corrected.get(key, NOTHING)
            for key in {*carried, *corrected}
        }
        before = {(one.box, one.place): one.amount for one in figures}
        figures = [
            replace(one, reported=before.get((one.box, one.place), NOTHING))
            for one in _figures(slip, now)
        ]
    return YearForm(
        slip.worker_id,
        "W-2" if slip.country == "US" else "P60",
        slip.tax_year,
        slip.currency,
        _due(slip.country, slip.pay_on),
        tuple(figures),
        tuple(key for key in SUMS if key in sums and sums[key] != carried.get(key, NOTHING)),
        () if corrected is None else AMENDED[slip.country],
    )


def _figures(slip: Payslip, carried: Figures) -> list[Boxed]:
    if slip.country == "GB":
        return _p60(slip, carried)
    return [Boxed(one.box, one.label, one.amount, one.place) for one in us.w2(carried)]


def _corrections(tax_year: str) -> dict[tuple[UUID, str], dict[str, Decimal]]:
    """What was taken out of a year after its end, by worker and country."""
    found: dict[tuple[UUID, str], dict[str, Decimal]] = {}
    for row in YearCorrection.objects.filter(tax_year=tax_year).order_by("id"):
        own = found.setdefault((row.worker_id, row.country), {})
        for key, amount in row.figures.items():
            own[key] = own.get(key, NOTHING) + Decimal(amount)
    return found


def _p60(slip: Payslip, carried: Figures) -> list[Boxed]:
    told = gb.p60(situations.read(slip.situation), carried)
    found = [
        Boxed("pay", "Pay in this employment", told.pay),
        Boxed("tax", "Tax deducted in this employment", told.tax),
        Boxed("previous_pay", "Pay in previous employment", told.previous_pay),
        Boxed("previous_tax", "Tax deducted in previous employment", told.previous_tax),
        Boxed("total_pay", "Total pay for the year", told.total_pay),
        Boxed("total_tax", "Total tax deducted", told.total_tax),
        Boxed("student_loan", "Student loan deductions", told.student_loan),
        Boxed("postgraduate_loan", "Postgraduate loan deductions", told.postgraduate_loan),
    ]
    for letter, figures in told.national_insurance.items():
        found += [Boxed(f"ni_{kept}", NI[kept], amount, letter) for kept, amount in figures.items()]
    return found


NI = {
    "earnings": "Earnings for National Insurance",
    "at_lel": "Earnings at the lower earnings limit",
    "to_pt": "Earnings above it, to the primary threshold",
    "to_uel": "Earnings above that, to the upper earnings limit",
    "worker": "Worker's contributions",
    "employer": "Employer's contributions",
}


def _due(country: str, day: date) -> date | None:
    """When the form is due; None where no law of that year is held."""
    try:
        return us.due_on(day) if country == "US" else gb.due_on(day)
    except NoRule:
        return None


def _carried(slip: Payslip) -> dict[str, Decimal]:
    return {key: Decimal(amount) for key, amount in slip.carried_forward.items()}


def _sums(slips: Any, rows: Sequence[Payslip]) -> dict[tuple[UUID, str], dict[str, Decimal]]:
    """What the lines of a year's statements come to by the keys of the year to date, with what
    workers brought along.
    """
    codes = {code: key for key, own in SUMS.items() for code in own}
    years = {slip.tax_year for slip in rows}
    found: dict[tuple[UUID, str], dict[str, Decimal]] = {
        (slip.worker_id, slip.country): {
            key: NOTHING for key in SUMS if key[:2].upper() == slip.country
        }
        for slip in rows
    }
    lines = (
        PayslipLine.objects.filter(payslip__in=slips, code__in=codes, payslip__route__in=EMPLOYED)
        .values_list("payslip__worker_id", "payslip__country", "code")
        .annotate(amount=Sum("amount"))
    )
    for worker, country, code, amount in lines:
        found[worker, country][codes[code]] += amount
    brought = OpeningFigure.objects.filter(
        worker__in=[slip.worker_id for slip in rows], tax_year__in=years, key__in=SUMS
    )
    for worker, key, amount in brought.values_list("worker_id", "key", "amount"):
        own = found.get((worker, key[:2].upper()))
        if own is not None:
            own[key] += amount
    return found
