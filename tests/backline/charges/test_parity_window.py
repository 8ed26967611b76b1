"""Parity looks back as far as hours may count, no further, and says what all of time would say."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.backline.week import TOLD, client_of, in_books, posts
from tests.plans import rows_read

pytestmark = pytest.mark.django_db
FIRST = date(2024, 4, 1)  # a Monday, from which Illinois asks
WEEK = timedelta(days=7)
SITE = {"where": ("US", "USD", "America/Chicago")}


def charge(post: Any, state: str, day: date, hours: str, key: str) -> Any:
    """Time that was charged, or taken back."""
    from backline.charges.models import Charge

    monday = day - timedelta(days=day.weekday())
    return Charge(
        key=key, kind="time", worker_id=post.worker, client_id=post.client,
        assignment_id=post.assignment, worked_on=day, week_starts_on=monday, posted_week=monday,
        engagement="w2", pay_frequency="weekly", code="regular", label="Regular", region=state,
        pay_quantity=Decimal(hours), pay_rate=Decimal(20), pay_amount=Decimal(hours) * 20,
        pay_currency="USD", priced_at=TOLD["at"],
    )  # fmt: skip


def standing() -> set[str]:
    """What is open about equal pay."""
    from backline.desk.models import Trouble

    rows = Trouble.objects.filter(kind="parity_due", state="open")
    return set(rows.values_list("key", flat=True))


def placed(place: Any) -> list[tuple[Any, str]]:
    """Two workers at two clients each, in Illinois and in New Jersey."""
    found: list[tuple[Any, str]] = []
    workers: list[Any] = []
    for state in ("IL", "NJ"):
        at = client_of(place, **SITE, region=state)
        own = posts(place, 2, at=at, engagement="w2", starts_on=FIRST, workers=workers)
        workers = [post.worker for post in own]
        found += [(post, state) for post in own]
    return found


@pytest.mark.parametrize("seed", range(4))
def test_week_by_week_says_what_all_of_time_says(us_agency, other_us_agency, seed):
    """Years of weeks, some known late, some taken back, at two clients; told of week by week."""
    from backline.charges.actions import watch_parity
    from backline.charges.models import Charge

    def play() -> None:
        chance = random.Random(seed)
        some = placed(us_agency)
        posted: list[tuple[Any, str, date, str]] = []
        for n in range(110):
            post, state = chance.choice(some)
            back = chance.choice([0, 0, 0, 0, 9, 40, 70])
            day = FIRST + WEEK * max(n - back, 0) + timedelta(days=chance.randrange(6))
            hours = str(chance.choice([8, 24, 60]))
            if posted and chance.random() < 0.15:
                post, state, day, hours = posted.pop()
                hours = f"-{hours}"
            else:
                posted.append((post, state, day, hours))
            Charge.objects.bulk_create([charge(post, state, day, hours, f"{seed}:{n}")])
            week = day - timedelta(days=day.weekday())
            watch_parity({post.worker: week}, **TOLD)
            if n % 10 == 9:
                told = standing()
                everybody = {each.worker for each, _ in some}
                assert watch_parity(dict.fromkeys(everybody, date.min), **TOLD) == 0
                assert standing() == told

    in_books(us_agency, play)
    assert in_books(other_us_agency, standing) == set()


def test_a_week_reads_no_more_of_a_worker_when_there_are_more_years(us_agency):
    from backline.charges.actions import parity
    from backline.charges.models import Charge

    def read(years: int, post: Any) -> int:
        rows = [
            charge(post, "IL", FIRST + WEEK * n + timedelta(days=364 * 10), "8", f"{years}:{n}")
            for n in range(52 * years)
        ]
        Charge.objects.bulk_create(rows)
        last = rows[-1].week_starts_on
        found: list[int] = []
        with rows_read(found):
            parity._judged({post.worker: last})
        return sum(found)

    def play() -> tuple[int, int]:
        at = client_of(us_agency, **SITE, region="IL")
        one, other = posts(us_agency, 2, at=at, engagement="w2", starts_on=FIRST)
        return read(2, one), read(6, other)

    two, six = in_books(us_agency, play)
    assert 52 <= two <= 54
    assert six == two
