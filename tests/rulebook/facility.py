"""A facility as the tests of advances know it: its terms, its ledger and its worked cases."""

import tomllib
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from rulebook.advance import FundingTerms, Ledgered
from rulebook.timeline import exact

D = Decimal
CASES = Path(__file__).parent / "cases" / "money"
DAY_0 = date(2026, 9, 1)


def cases(name: str) -> Any:
    return exact(tomllib.loads((CASES / f"{name}.toml").read_text("utf-8")))


FEES, POOL, SETTLED = (cases(f"funding_{name}") for name in ("fees", "pool", "settlement"))


def on_day(days: int) -> date:
    return DAY_0 + timedelta(days)


def ledgered(ref: str, open_: str, **facts: Any) -> Ledgered:
    dated = on_day(-facts.pop("days", 10))
    known: dict[str, Any] = {"net": D(open_), "debtor": "Acme", **facts}
    return Ledgered(
        ref, known.pop("debtor"), dated, dated + timedelta(30), D(open_), D(open_), **known
    )


def terms(**facts: Any) -> FundingTerms:
    return FundingTerms(**{"version": "v1", "advance_share": D("0.90"), **facts})
