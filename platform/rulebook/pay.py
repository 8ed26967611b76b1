"""Pay: from what was earned to what the worker gets and what the work costs."""

from rulebook.pack import Payslip, Situation, pack


def payslip(situation: Situation) -> Payslip:
    """Work out one payslip by its country's law; raises Unpayable and NoRule, see rulebook.pack."""
    return pack(situation.country).payslip(situation)
