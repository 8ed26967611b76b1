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
    places: dict[str, list[int]] = {}
    for n, situation in enumerate(situations):
        places.setdefault(situation.country, []).append(n)
    if len(places) == 1:
        return pack(situations[0].country).payslips(situations)
    found: dict[int, Payslip | Refused] = {}
    for country, some in places.items():
        found.update(zip(some, pack(country).payslips([situations[n] for n in some]), strict=True))
    return [found[n] for n in range(len(situations))]
