"""What can be done in collections, a file a deed."""

from backline.collections.actions.allocating import Part, allocate, confirm, take_back, use_credit
from backline.collections.actions.matching import match, match_many
from backline.collections.actions.receiving import NewReceipt, receive

__all__ = [
    "NewReceipt", "Part", "allocate", "confirm", "match", "match_many", "receive", "take_back",
    "use_credit",
]  # fmt: skip
