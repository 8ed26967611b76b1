"""Why weeks are worked out again, and what that came to on both sides: corrections, and telling
them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from backline.charges.events import WeekCorrected
from backline.charges.models import Correction
from backline.charges.weeks import Key
from backline.kernel.actors import Actor
from backline.kernel.events import record
from backline.kernel.ids import new_id
from rulebook.corrections import Difference
from rulebook.money import NOTHING


@dataclass(frozen=True, slots=True)
class Why:
    """Why weeks are worked out again: late_time, rate_change, corrected_time, wrong_client
    ... and in words; `key` makes each such correction of a week once.
    """

    kind: str
    reason: str
    key: str


def correction(
    key: Key, diffs: Sequence[Difference], why: Why, actor: Actor, at: datetime
) -> Correction:
    """A week's correction, not saved yet."""
    pay = [diff.charge.pay for diff in diffs if diff.charge.pay is not None]
    bill = [diff.charge.bill for diff in diffs if diff.charge.bill is not None]
    return Correction(
        id=new_id(),
        kind=why.kind,
        reason=why.reason[:300],
        key=f"{why.key}:{key[0]}:{key[1].isoformat()}",
        worker_id=key[0],
        week_starts_on=key[1],
        pay_difference=sum((side.amount for side in pay), NOTHING),
        bill_difference=sum((side.amount for side in bill), NOTHING),
        pay_currency=pay[0].currency if pay else "",
        bill_currency=bill[0].currency if bill else "",
        corrected_at=at,
        actor=actor.as_json(),
    )


def tell(corrections: Iterable[Correction], *, actor: Actor, at: datetime) -> None:
    """Record that weeks were corrected."""
    record(
        (
            WeekCorrected(
                subject=row.pk,
                kind=row.kind,
                worker=str(row.worker_id),
                week_starts_on=row.week_starts_on.isoformat(),
                pay_difference=row.pay_difference,
                bill_difference=row.bill_difference,
                pay_currency=row.pay_currency,
                bill_currency=row.bill_currency,
                reason=row.reason,
            )
            for row in corrections
        ),
        actor=actor,
        at=at,
    )
