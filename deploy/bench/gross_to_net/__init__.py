"""Gross to net: mixed British and American payslips, ours and a loop written by hand."""

from collections.abc import Sequence

from deploy.bench.gross_to_net import by_hand, workforce
from deploy.bench.measuring import Differs, Row, Work
from rulebook.pack import Payslip, Situation
from rulebook.pay import payslips


def prepare(count: int) -> Work:
    """So many situations, and both ways to work them out."""
    situations = workforce.situations(count)
    return Work(
        units=count,
        floor=lambda: by_hand.run(situations),
        ours=lambda: payslips(situations),
        agree=lambda: agree(situations),
    )


def agree(situations: Sequence[Situation]) -> None:
    """Every amount of every line, and every figure carried forward, is the same on both sides."""
    pairs = zip(situations, payslips(situations), by_hand.run(situations), strict=True)
    for n, (situation, slip, (amounts, carried)) in enumerate(pairs):
        if not isinstance(slip, Payslip):
            raise Differs(f"Payslip {n} ({situation.country}) is refused: {slip}")
        if [line.amount for line in slip.lines] != amounts or dict(slip.carried_forward) != carried:
            raise Differs(f"Payslip {n} ({situation.country}) differs from the one by hand.")


ROW = Row(
    name="gross-to-net",
    what="mixed British and American payslips, against a Decimal loop written by hand",
    unit="payslip",
    scale=2000,
    goal=0.5,
    never_below=0.2,
    prepare=prepare,
)
