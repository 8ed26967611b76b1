"""What can be done in invoicing, a file a deed."""

from backline.invoicing.actions.adjusting import adjust, credit
from backline.invoicing.actions.drafting import draft
from backline.invoicing.actions.finalizing import finalize
from backline.invoicing.actions.sending import send

__all__ = ["adjust", "credit", "draft", "finalize", "send"]
