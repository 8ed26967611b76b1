"""Pay: from what was earned to what the worker gets and what the work costs."""

from collections.abc import Sequence

from rulebook.pack import Payslip, Refused, Situation, pack


def payslip(situation: Situation) -> Payslip:
    """Work out one payslip by its country's law; raises Unpayable and NoRule, see rulebook.pack."""
    (found,) = pack(situation.country).payslips((situation,))
    if isinstance(found, Payslip):
        return found
    raise found


def payslips(situations: Sequence[Situation]) -> list[Payslip | Refused]:
    """Work out many payslips, each by its country's law, in the order given.

    In place of one that cannot be worked out stands why: Unpayable or NoRule.
    """
    by_country: dict[str, list[int]] = {}
    for n, situation in enumerate(situations):
        by_country.setdefault(situation.country, []).append(n)
    found: dict[int, Payslip | Refused] = {}
    for country, places in by_country.items():
        worked = pack(country).payslips([situations[n] for n in places])
        found.update(zip(places, worked, strict=True))
    return [found[n] for n in range(len(situations))]
