"""What can be done in onboarding, a file a noun."""

from backline.onboarding.actions.evidence import NewEvidence, keep_paper, receive, withdraw
from backline.onboarding.actions.expiring import chase_expiring
from backline.onboarding.actions.flagging import flag_umbrellas
from backline.onboarding.actions.looking import look
from backline.onboarding.actions.requirements import require, seed

__all__ = [
    "NewEvidence", "chase_expiring", "flag_umbrellas", "keep_paper", "look", "receive", "require",
    "seed", "withdraw",
]  # fmt: skip
