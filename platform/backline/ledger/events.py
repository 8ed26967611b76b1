"""What can have happened in the ledger, as frozen facts."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from backline.kernel.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesPosted(Fact):
    """A business event reached the books; the subject is its posting."""

    name: ClassVar[str] = "entries.posted"
    noun: ClassVar[str] = "posting"
    key: str
    kind: str
    entries: int
    amount: Decimal
    currency: str
