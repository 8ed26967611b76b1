"""What integrations do: records handed over by a source, files of lines, opening positions."""

from backline.integrations.actions.deciding import accept, decline, supply
from backline.integrations.actions.delivering import Delivered, deliver, remap, try_again
from backline.integrations.actions.intake import Became, Push
from backline.integrations.actions.merging import cannot_merge, merge
from backline.integrations.actions.refusing import set_aside
from backline.integrations.actions.sources import (
    NewSource,
    change_source,
    connect,
    decide_owners,
    held,
)
from backline.integrations.actions.taking import take_in

__all__ = [
    "Became", "Delivered", "NewSource", "Push", "accept", "cannot_merge", "change_source",
    "connect", "decide_owners", "decline", "deliver", "held", "merge", "remap", "set_aside",
    "supply", "take_in", "try_again",
]  # fmt: skip
