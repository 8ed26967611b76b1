"""Statement: one week of funding between an agency and its funder, which must tie."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from rulebook.advance.settlement import ChargeBack
from rulebook.money import NOTHING
from rulebook.rates import Ref


class Untied(ValueError):
    """A statement whose figures do not agree; `difference` says by how much, `check` which."""

    def __init__(self, check: str, difference: Decimal) -> None:
        self.check, self.difference = check, difference
        super().__init__(f"The statement does not tie: {check} differs by {difference}.")


@dataclass(frozen=True, slots=True)
class Applied:
    """Cash applied to a funded invoice in the week: advance repaid, fees (with `vat`), release."""

    invoice: Ref
    amount: Decimal
    repaid: Decimal
    fees: Decimal
    release: Decimal
    vat: Decimal = NOTHING


@dataclass(frozen=True, slots=True)
class Week:
    """What happened in a week of funding; amounts in pennies of one currency, all above zero.

    `new` are (invoice, face, advance); `charged_back` pairs a charge-back with the face reassigned.
    Fees are with their VAT, which is told beside them.
    """

    opening_face: Decimal
    opening_funds: Decimal
    new: tuple[tuple[Ref, Decimal, Decimal], ...] = ()
    banked: Decimal = NOTHING
    applied: tuple[Applied, ...] = ()
    charged_back: tuple[tuple[ChargeBack, Decimal], ...] = ()
    credited_face: Decimal = NOTHING
    other_fees: Decimal = NOTHING
    other_vat: Decimal = NOTHING
    tax_held: Decimal = NOTHING
    tax_hold_released: Decimal = NOTHING
    opening_unapplied: Decimal = NOTHING
    opening_owed: Decimal = NOTHING


@dataclass(frozen=True, slots=True)
class Statement:
    """A week's settlement: opening + movements = closing for face, funds and cash; what is wired.

    `net_wire` is never below zero; what the agency owes beyond it is carried in `closing_owed`.
    """

    opening_face: Decimal
    new_face: Decimal
    closing_face: Decimal
    opening_funds: Decimal
    advances: Decimal
    repaid: Decimal
    charged_back_principal: Decimal
    closing_funds: Decimal
    banked: Decimal
    applied: Decimal
    unapplied: Decimal
    fees: Decimal
    fee_vat: Decimal
    released: Decimal
    charge_backs: Decimal
    tax_held: Decimal
    tax_hold_released: Decimal
    net_wire: Decimal
    closing_owed: Decimal

    @property
    def unfunded(self) -> Decimal:
        """What of the closing face the funder has not paid."""
        return self.closing_face - self.closing_funds


def statement(week: Week) -> Statement:
    """Settle a week; Untied when cash, face or funds do not agree to the penny."""
    applied = _sum([row.amount for row in week.applied])
    repaid = _sum([row.repaid for row in week.applied])
    fees = _sum([row.fees for row in week.applied])
    released = _sum([row.release for row in week.applied])
    _tie("cash applied", applied, repaid + fees + released)
    unapplied = _not_below_zero(
        "cash applied beyond what was banked", week.opening_unapplied + week.banked - applied
    )
    advanced = _sum([advance for _, _, advance in week.new])
    principal = _sum([back.principal for back, _ in week.charged_back])
    backs = _sum([back.amount for back, _ in week.charged_back])
    new_face = _sum([face for _, face, _ in week.new])
    gone_face = applied + _sum([face for _, face in week.charged_back]) + week.credited_face
    closing_funds = _not_below_zero(
        "funds in use below zero", week.opening_funds + advanced - repaid - principal
    )
    owed = advanced + released - backs - _withheld(week)
    return Statement(
        opening_face=week.opening_face,
        new_face=new_face,
        closing_face=week.opening_face + new_face - gone_face,
        opening_funds=week.opening_funds,
        advances=advanced,
        repaid=repaid,
        charged_back_principal=principal,
        closing_funds=closing_funds,
        banked=week.banked,
        applied=applied,
        unapplied=unapplied,
        fees=fees + week.other_fees,
        fee_vat=_sum([row.vat for row in week.applied]) + week.other_vat,
        released=released,
        charge_backs=backs,
        tax_held=week.tax_held,
        tax_hold_released=week.tax_hold_released,
        net_wire=max(owed, NOTHING),
        closing_owed=max(-owed, NOTHING),
    )


def follows(later: Statement, earlier: Statement) -> None:
    """Check that a statement opens where the one before it closed; Untied when it does not."""
    _tie("opening face", later.opening_face, earlier.closing_face)
    _tie("opening funds in use", later.opening_funds, earlier.closing_funds)


def _tie(check: str, one: Decimal, other: Decimal) -> None:
    if one != other:
        raise Untied(check, one - other)


def _withheld(week: Week) -> Decimal:
    """What else is kept out of the wire: other fees, last week's debt, taxes held less released."""
    return week.other_fees + week.opening_owed + week.tax_held - week.tax_hold_released


def _not_below_zero(check: str, amount: Decimal) -> Decimal:
    if amount < 0:
        raise Untied(check, amount)
    return amount


def _sum(amounts: Sequence[Decimal]) -> Decimal:
    return sum(amounts, NOTHING)
