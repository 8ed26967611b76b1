"""Rails: what every bank file shares: what was written, amounts in pennies, shapes of accounts."""

import hashlib
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from backline.kernel.errors import Fault
from rulebook.money import PENNY

DAY = timedelta(days=1)
SATURDAY = 5
ROUTING_WEIGHTS = (3, 7, 1) * 3

# Letters that Unicode does not take apart into a base letter and an accent.
SPELT_OUT = {
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O",
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH",
    "\N{LATIN SMALL LETTER DOTLESS I}": "i",
}  # fmt: skip
APOSTROPHES = "'`\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
DASHES = "\N{EN DASH}\N{EM DASH}\N{NON-BREAKING HYPHEN}"
WHOLE_LETTERS = str.maketrans(
    SPELT_OUT | dict.fromkeys(APOSTROPHES, "") | dict.fromkeys(DASHES, "-")
)


@dataclass(frozen=True, slots=True)
class PaymentFile:
    """A finished file: its bytes, and the totals two people compare before it leaves.

    `traces` holds the number the rail gave each payment, in the order the payments came in;
    it is empty where the rail knows a payment by our own reference.
    """

    content: bytes = field(repr=False)
    count: int
    amount: Decimal
    traces: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """The fingerprint that proves the file was not altered after approval."""
        return hashlib.sha256(self.content).hexdigest()


def pennies(amount: Decimal) -> int | None:
    """The amount as whole pennies, or None when it has a fraction of one or is not a number."""
    if not amount.is_finite():
        return None
    whole = amount / PENNY
    return int(whole) if whole == whole.to_integral_value() else None


def plain(text: str) -> str:
    """Take off accents and apostrophes, so that a name is still a name in plain letters."""
    whole = text.translate(WHOLE_LETTERS)
    if whole.isascii():
        return whole
    spelt = unicodedata.normalize("NFKD", whole)
    return "".join(letter for letter in spelt if not unicodedata.combining(letter))


def is_readable(text: str) -> bool:
    """Whether something is left to read: one letter or digit at least."""
    return any(letter.isalnum() for letter in text)


def routing_number_holds(routing: str) -> bool:
    """Whether nine digits are a US routing number: their weighted sum ends in 0."""
    if not is_digits(routing, 9) or routing == "0" * 9:
        return False
    return sum(w * int(d) for w, d in zip(ROUTING_WEIGHTS, routing, strict=True)) % 10 == 0


def sort_code(text: str) -> str | None:
    """The six digits of a UK sort code, however it was typed, or None."""
    digits = text.replace("-", "").replace(" ", "")
    return digits if is_digits(digits, 6) and digits != "0" * 6 else None


def account_number(text: str) -> str | None:
    """The eight digits of a UK account number, or None; shorter ones are not guessed at."""
    digits = text.replace(" ", "")
    return digits if is_digits(digits, 8) and digits != "0" * 8 else None


def is_digits(text: str, length: int) -> bool:
    """Whether the text is exactly this many of the digits 0 to 9."""
    return len(text) == length and text.isascii() and text.isdigit()


def is_banking_day(day: date, closed: Collection[date] = ()) -> bool:
    """Whether banks clear on this day: not at the weekend, not on a day they are closed."""
    return day.weekday() < SATURDAY and day not in closed


def banking_day_before(day: date, closed: Collection[date] = ()) -> date:
    """The last banking day before this day."""
    day -= DAY
    while not is_banking_day(day, closed):
        day -= DAY
    return day


def amount_fault(amount: Decimal, limit: Decimal, pointer: str) -> Fault | None:
    """Say what is wrong with an amount to be paid, or None."""
    if pennies(amount) is None:
        return Fault("fraction_of_a_penny", f"{amount} is not a whole number of pennies.", pointer)
    if amount <= 0:
        return Fault("nothing_to_pay", "A payment is more than nothing.", pointer)
    if amount > limit:
        return Fault("over_item_limit", f"{amount} is over the limit of {limit} an item.", pointer)
    return None
