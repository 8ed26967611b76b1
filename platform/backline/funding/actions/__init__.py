"""What can be done in funding, a file a deed: the agency's half of each, and the partner's mirror
of any.
"""

from backline.funding.actions.advancing import advance
from backline.funding.actions.agreeing import agree_terms
from backline.funding.actions.charging_back import charge_back, warn_of_charge_backs
from backline.funding.actions.halves import Half, mirror_half
from backline.funding.actions.passing_on import pass_on
from backline.funding.actions.repaying import repay
from backline.funding.actions.settling import settle_week

__all__ = [
    "Half",
    "advance",
    "agree_terms",
    "charge_back",
    "mirror_half",
    "pass_on",
    "repay",
    "settle_week",
    "warn_of_charge_backs",
]
