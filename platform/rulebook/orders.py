"""Orders: what a client's purchase order still allows, and which charges it cannot carry."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rulebook.bill import BillLine
from rulebook.money import NOTHING

MISSING, UNKNOWN, EXPIRED, EXHAUSTED = "po_missing", "po_unknown", "po_expired", "po_exhausted"
WARNING_SHARE = Decimal("0.80")


@dataclass(frozen=True, slots=True)
class Order:
    """A purchase order: what it allows before tax (None: any amount), and its days of work.

    Both days are inside; None is open. `used` is what was billed to it already.
    """

    number: str
    limit: Decimal | None = None
    used: Decimal = NOTHING
    starts_on: date | None = None
    ends_on: date | None = None

    def covers(self, day: date) -> bool:
        """True when work of that day may be billed to it."""
        return (self.starts_on is None or self.starts_on <= day) and (
            self.ends_on is None or day <= self.ends_on
        )


@dataclass(frozen=True, slots=True)
class Held:
    """A line that cannot be billed yet, and why."""

    line: BillLine
    reason: str


@dataclass(frozen=True, slots=True)
class Burn:
    """How far one order is used, these lines included; the share is None without a limit."""

    order: Order
    used: Decimal

    @property
    def left(self) -> Decimal | None:
        """What it still allows; None without a limit."""
        return None if self.order.limit is None else self.order.limit - self.used

    @property
    def needs_warning(self) -> bool:
        """True when these lines took it to four fifths of its limit or beyond."""
        limit = self.order.limit
        return limit is not None and self.order.used < limit * WARNING_SHARE <= self.used


@dataclass(frozen=True, slots=True)
class Checked:
    """Lines that may be billed, lines that are held, and how far each order is used."""

    billable: tuple[BillLine, ...]
    held: tuple[Held, ...]
    burns: tuple[Burn, ...]


def checked(
    lines: Iterable[BillLine], orders: Sequence[Order], *, is_required: bool = True
) -> Checked:
    """Set lines against purchase orders by their days; what does not fit whole is held.

    A smaller line after one that is held may still fit; a line that takes back gives room again.
    """
    if not orders and not is_required:
        return Checked(tuple(lines), (), ())
    by_number = {order.number: order for order in orders}
    used = {order.number: order.used for order in orders}
    billable: list[BillLine] = []
    held: list[Held] = []
    for line in sorted(lines, key=lambda line: (line.day, str(line.charge))):
        reason = _reason(line, by_number, used, is_required)
        if reason:
            held.append(Held(line, reason))
            continue
        billable.append(line)
        if line.po_number in used:
            used[line.po_number] += line.amount
    burns = tuple(Burn(order, used[order.number]) for order in orders)
    return Checked(tuple(billable), tuple(held), burns)


def _reason(
    line: BillLine, orders: Mapping[str, Order], used: Mapping[str, Decimal], is_required: bool
) -> str:
    if not line.po_number:
        return MISSING if is_required else ""
    order = orders.get(line.po_number)
    if order is None:
        return UNKNOWN if is_required else ""
    if line.amount <= 0:
        return ""
    if not order.covers(line.day):
        return EXPIRED
    over = order.limit is not None and used[order.number] + line.amount > order.limit
    return EXHAUSTED if over else ""
