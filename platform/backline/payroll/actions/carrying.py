"""Year-to-date figures that workers bring along when a firm's books are opened."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from backline.kernel.actors import Actor
from backline.kernel.errors import Fault
from backline.kernel.events import record
from backline.payroll.earning import tax_year
from backline.payroll.events import FiguresCarriedIn
from backline.payroll.models import OpeningFigure
from rulebook.pack import Situation, pack

OWN = {"GB": ("gb.", "arrears.", "shortfall."), "US": ("us.", "arrears.")}
WHERE = "year_to_date."
Carried = tuple[UUID, str, Mapping[str, Decimal]]  # a worker, the country, the figures


def carry_in(carried: Sequence[Carried], *, as_of: date, actor: Actor, at: datetime) -> int:
    """Let workers bring their figures of the tax year of a day; what one brought before for that
    year is replaced. Returns how many figures there are.
    """
    years = {country: tax_year(country, as_of) for _, country, _ in carried}
    for country, year in years.items():
        keys = [worker for worker, own, _ in carried if own == country]
        OpeningFigure.objects.filter(worker__in=keys, tax_year=year).delete()
    rows = [
        OpeningFigure(worker_id=worker, tax_year=years[country], key=key, amount=amount)
        for worker, country, figures in carried
        for key, amount in figures.items()
    ]
    OpeningFigure.objects.bulk_create(rows)
    facts = (
        FiguresCarriedIn(subject=worker, tax_year=years[country], figures=len(figures))
        for worker, country, figures in carried
    )
    record(facts, actor=actor, at=at)
    return len(rows)


def faults_of(country: str, figures: Mapping[str, Decimal], as_of: date) -> list[Fault]:
    """What of these figures the country's pack would not read, by key."""
    own = OWN[country]
    faults = [
        Fault("unknown_key", f"The year-to-date figures of {country} have no {key!r}.", f"/{key}")
        for key in sorted(figures)
        if not key.startswith(own)
    ]
    situation = Situation(country, as_of, "weekly", (), {}, year_to_date=figures)
    faults += [
        Fault(code, sentence, "/" + pointer.removeprefix(WHERE))
        for pointer, code, sentence in pack(country).faults(situation)
        if pointer.startswith(WHERE)
    ]
    return faults
