"""Parts of the board: its figures, its row an agency, its charts; what a role does not reach is
left out."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Any

from api.pages import look, weeks, wording
from api.pages.frame import Visitor
from api.pages.weeks import NOTHING, Standing, Sums
from api.pages.wording import MINUS, NONE
from rulebook.periods import Period

RUN_WORDS = {
    "rejected": "Sent back", "blocked": "Blocked", "open": "Open", "calculating": "Calculating",
    "ready": "To submit", "submitted": "To approve", "approved": "To release",
    "releasing": "Releasing", "partly_paid": "Part paid", "released": "Released",
    "settled": "Paid",
}  # fmt: skip
# The same in as few letters as a step has room for: what is to be done, or what was.
STEP_WORDS = {**RUN_WORDS, "ready": "Submit", "submitted": "Approve", "approved": "Release"}
RUN_TONES = {
    "rejected": "bad", "blocked": "bad", "ready": "busy", "submitted": "busy", "approved": "busy",
    "releasing": "busy", "partly_paid": "bad", "released": "good", "settled": "good",
}  # fmt: skip
BARS = 6
Step = dict[str, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """What of a board this visitor may see."""

    visitor: Visitor

    @property
    def margin(self) -> bool:
        """Margin."""
        return self._at_partner or self.visitor.holds("margin:read")

    @property
    def pay(self) -> bool:
        """What is paid and when."""
        return self._at_partner or self.visitor.holds("pay_runs:read")

    @property
    def funding(self) -> bool:
        """What is advanced."""
        return self._at_partner or self.visitor.holds("funding:read")

    @property
    def cash(self) -> bool:
        """What clients owe."""
        return self._at_partner or self.visitor.holds("ageing:read")

    @property
    def bill(self) -> bool:
        """What is billed."""
        return self._at_partner or self.visitor.holds("invoices:read")

    @property
    def needs(self) -> bool:
        """What is open on desks."""
        return self._at_partner or self.visitor.holds("exceptions:read")

    @property
    def _at_partner(self) -> bool:
        return self.visitor.is_at_partner

    def href(self, agency: str, place: str) -> str:
        """Where a thing of an agency is seen: at once from inside, by a visit from outside."""
        return f"/agencies/{agency}?next={place}" if self._at_partner else place


def deadline(seen: Seen, rows: Iterable[Sums]) -> dict[str, str] | None:
    """The next last day of approval, or None."""
    day = weeks.approve_by_on(rows) if seen.pay else None
    if day is None:
        return None
    tone = "bad" if day < seen.visitor.on else "wait"
    return {"label": f"Approve by {wording.weekday(day, seen.visitor.country)}", "tone": tone}


# --- figures -------------------------------------------------------------------------------------


def figures(
    seen: Seen, now: Sequence[Sums], before: Sequence[Sums], standing: Sequence[Standing]
) -> list[dict[str, str]]:
    """The row of figures on top."""
    approved, all_ = sum(row.sheets_approved for row in now), sum(row.sheets for row in now)
    found = [
        {
            "label": "Sheets approved",
            "value": f"{approved} of {all_}",
            "sub": _waiting(all_ - approved) if all_ else "no sheets yet",
        }
    ]
    if seen.pay:
        pay = _by_currency(now, lambda row: row.pay)
        moved = _moved(pay, _by_currency(before, lambda row: row.pay))
        found.append(_money("Gross pay", pay, moved))
    if seen.bill:
        left = _by_currency(now, lambda row: max(row.bill - row.invoiced, NOTHING))
        sent = " and ".join(wording.amounts(_by_currency(now, lambda row: row.invoiced)))
        found.append(_money("To invoice", left, f"{sent} sent" if sent else ""))
    if seen.margin:
        found.append(_margin(now, before))
    if seen.funding:
        found.append(_headroom(standing))
    return found


def _waiting(count: int) -> str:
    return f"{count} to come" if count else "all of them"


def _money(label: str, amounts: dict[str, Decimal], sub: str) -> dict[str, str]:
    """A figure of several currencies: the largest big, the others beside it."""
    first, *others = wording.amounts(amounts) or [NONE]
    beside = "and " + " and ".join(others) if others else ""
    return {"label": label, "value": first, "sub": ", ".join(filter(None, (beside, sub)))}


def _moved(now: dict[str, Decimal], before: dict[str, Decimal]) -> str:
    """How far one currency's figure moved since last week; nothing to say for several."""
    if len(now) != 1 or now.keys() != before.keys():
        return ""
    ((currency, amount),) = now.items()
    if not before[currency]:
        return ""
    share = (amount / before[currency] - 1) * 100
    sign = "+" if share >= 0 else MINUS
    return f"{sign}{abs(share):.1f}% on last week"


def _margin(now: Sequence[Sums], before: Sequence[Sums]) -> dict[str, str]:
    margin = _by_currency(now, lambda row: row.margin)
    if len(margin) != 1:
        return _money("Margin", margin, "")
    share, last = _share(now), _share(before)
    amount = wording.amounts(margin)[0]
    told = {"label": "Margin", "value": percent(share), "sub": amount}
    if share is not None and last is not None:
        points = (share - last) * 100
        told["sub"] = f"{amount}, {abs(points):.1f} points {'up' if points >= 0 else 'down'}"
        told["trend"] = "up" if points >= 0 else "down"
    return told


def _headroom(standing: Sequence[Standing]) -> dict[str, str]:
    funded = [one for one in standing if one.headroom is not None]
    if not funded:
        return {"label": "Headroom", "value": NONE, "sub": "no funding agreed"}
    left: dict[str, Decimal] = defaultdict(lambda: NOTHING)
    for one in funded:
        left[one.currency] += one.headroom or NOTHING
    over = sum(1 for one in funded if is_over(one))
    used: dict[str, Decimal] = defaultdict(lambda: NOTHING)
    for one in funded:
        used[one.currency] += one.in_use
    if over:
        return _money("Headroom now", left, f"{over} over the limit") | {"trend": "down"}
    return _money("Headroom now", left, f"{' and '.join(wording.amounts(used))} in use")


def is_over(standing: Standing) -> bool:
    """Whether more is advanced than may be: by a whole pound or dollar, as this board counts."""
    return standing.headroom is not None and standing.headroom <= -1


def percent(share: Decimal | None) -> str:
    """A share as a percentage with one place."""
    return NONE if share is None else f"{share * 100:.1f}%"


def _share(rows: Iterable[Sums]) -> Decimal | None:
    own = list(rows)
    bill = sum((row.bill for row in own), NOTHING)
    return sum((row.margin for row in own), NOTHING) / bill if bill else None


def _by_currency(rows: Iterable[Sums], of: Callable[[Sums], Decimal]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(lambda: NOTHING)
    for row in rows:
        found[row.currency] += of(row)
    return dict(found)


# --- a row an agency -----------------------------------------------------------------------------


def agencies(
    seen: Seen, now: Sequence[Sums], history: Sequence[Sums], standing: Sequence[Standing]
) -> list[dict[str, Any]]:
    """One row an agency and currency."""
    stands = {one.agency: one for one in standing}
    return [
        _agency(
            seen,
            row,
            [one for one in history if (one.agency, one.currency) == (row.agency, row.currency)],
            stands.get(row.agency) or Standing(agency=row.agency, name=row.name, currency=""),
        )
        for row in now
    ]


def _agency(seen: Seen, row: Sums, history: Sequence[Sums], standing: Standing) -> dict[str, Any]:
    told = {
        "name": row.name,
        "href": seen.href(row.agency, "/exceptions"),
        "country": row.country,
        "workers": f"{row.workers} workers" if row.workers != 1 else "1 worker",
        "steps": _steps(seen, row, standing),
    }
    if seen.margin:
        shares = [one.margin_share * 100 for one in history if one.margin_share is not None]
        told |= {
            "margin": look.rounded_money(row.margin, row.currency),
            "margin_sub": percent(row.margin_share),
            "trend": look.sparkline(
                shares,
                says="Margin of the last weeks: " + ", ".join(f"{one:.1f}%" for one in shares),
            ),
        }
    return told | (_funding(standing) if seen.funding else {})


def _funding(standing: Standing) -> dict[str, Any]:
    if standing.headroom is None:
        return {"headroom": NONE, "headroom_sub": "not funded", "used": ""}
    limit = standing.in_use + max(standing.headroom, NOTHING)
    if is_over(standing):
        limit = standing.in_use + standing.headroom
    of = look.rounded_money(limit, standing.currency)
    used = look.rounded_money(standing.in_use, standing.currency)
    return {
        "headroom": look.rounded_money(standing.headroom, standing.currency),
        "headroom_sub": f"of {of}",
        "used": look.share(standing.in_use, limit, says=f"{used} of {of} is in use"),
    }


def _steps(seen: Seen, row: Sums, standing: Standing) -> list[Step]:
    found = [_time(seen, row)]
    if seen.pay:
        found.append(_pay(seen, row))
    if seen.funding:
        found.append(_fund(standing))
    if seen.bill:
        found.append(_bill(row))
    if seen.cash:
        found.append(_cash(standing))
    return found


def _step(label: str, value: str, tone: str, about: str, href: str = "") -> Step:
    return {"label": label, "value": value, "tone": tone, "about": about, "href": href}


def _time(seen: Seen, row: Sums) -> Step:
    href = seen.href(row.agency, "/exceptions")
    if not row.sheets:
        return _step("Time", NONE, "plain", "no sheets yet", href)
    left = row.sheets - row.sheets_approved
    about = f"{left} sheets to come" if left else "all approved"
    tone = "wait" if left else "good"
    return _step("Time", f"{row.sheets_approved}/{row.sheets}", tone, about, href)


def _pay(seen: Seen, row: Sums) -> Step:
    run, href = row.run, seen.href(row.agency, "/pay-runs")
    if run is None:
        return _step("Pay", NONE, "plain", "no pay run yet", href)
    many = f"{len(row.runs)} pay runs, the last to finish" if len(row.runs) > 1 else "pay run"
    about = f"{many} for {_days({run.pay_on}, row.country)}"
    return _step("Pay", STEP_WORDS[run.state], RUN_TONES.get(run.state, "plain"), about, href)


def _days(days: set[date], country: str) -> str:
    return " and ".join(wording.short_day(day, country) for day in sorted(days))


def _fund(standing: Standing) -> Step:
    if standing.headroom is None and not standing.in_use:
        return _step("Fund", NONE, "plain", "no funding agreed")
    tone = "bad" if is_over(standing) else "good" if standing.in_use else "plain"
    about = "more is advanced than may be" if tone == "bad" else "advanced now"
    return _step("Fund", look.rounded_money(standing.in_use, standing.currency), tone, about)


def _bill(row: Sums) -> Step:
    if not row.bill:
        return _step("Bill", NONE, "plain", "nothing to bill yet")
    if row.invoiced >= row.bill:
        return _step("Bill", "Sent", "good", "everything worked is invoiced")
    if not row.invoiced:
        return _step("Bill", "Not yet", "plain", "nothing is invoiced yet")
    left = look.money(row.bill - row.invoiced, row.currency)
    share = f"{(row.invoiced / row.bill * 100).quantize(Decimal(1), ROUND_DOWN)}%"
    return _step("Bill", share, "wait", f"{left} is left to invoice")


def _cash(standing: Standing) -> Step:
    if not standing.currency:
        return _step("Cash", NONE, "plain", "nothing is owed")
    owed = look.rounded_money(standing.receivable, standing.currency)
    if standing.unapplied:
        left = look.money(standing.unapplied, standing.currency)
        return _step("Cash", owed, "wait", f"owed by clients; {left} received is not matched")
    return _step("Cash", owed, "plain", "owed by clients")


# --- charts --------------------------------------------------------------------------------------


def charts(seen: Seen, history: Sequence[Sums], week: Period) -> list[dict[str, Any]]:
    """What was paid out and invoiced over the weeks up to one, a chart a currency."""
    if not (seen.pay and seen.bill):
        return []
    found = []
    for currency in sorted({row.currency for row in history}):
        columns = _columns([row for row in history if row.currency == currency], currency, week)
        if any(height for column in columns for height in column.heights):
            caption = f"Paid out and invoiced, {look.SIGNS.get(currency, currency)}"
            found.append(
                {
                    "name": currency.lower(),
                    "caption": caption,
                    "chart": look.bars(columns, says=f"{caption}, week by week"),
                    "key": [
                        {"label": "Paid out", "series": ""},
                        {"label": "Invoiced", "series": "b"},
                    ],
                }
            )
    return found


def _columns(rows: Sequence[Sums], currency: str, week: Period) -> list[look.Column]:
    """A column a week, also for those in which nothing happened."""
    found = []
    for back in reversed(range(BARS)):
        day = week.starts - weeks.WEEK * back
        own = [row for row in rows if day <= row.week_starts_on < day + weeks.WEEK]
        out = sum((row.paid_out for row in own), NOTHING)
        billed = sum((row.invoiced for row in own), NOTHING)
        label = f"{day.day} {day:%b}"
        says = (
            f"{label}: {look.rounded_money(out, currency)} paid out,"
            f" {look.rounded_money(billed, currency)} invoiced"
        )
        found.append(look.Column(label, (out, billed), says))
    return found
