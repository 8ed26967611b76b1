"""What can be done with charges: price weeks inside their approval, price them again, post
agreed amounts.
"""

from backline.charges.actions.accepted import charge_milestones
from backline.charges.actions.agreeing import Wanted, WantedSide, agree
from backline.charges.actions.explaining import Why
from backline.charges.actions.parity import watch_parity
from backline.charges.actions.pricing import price
from backline.charges.actions.recounting import ask_for_terms, recount
from backline.charges.actions.repricing import (
    REPRICE,
    charged_weeks,
    concerned,
    follow_rates,
    reprice,
    reprice_sheet,
)

__all__ = [
    "REPRICE", "Wanted", "WantedSide", "Why", "agree", "ask_for_terms", "charge_milestones",
    "charged_weeks", "concerned", "follow_rates", "price", "recount", "reprice", "reprice_sheet",
    "watch_parity",
]  # fmt: skip
