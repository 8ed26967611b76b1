"""Whatever is copied into a table is read back as it was."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.backline.week import ANN, in_books

pytestmark = pytest.mark.django_db

AT = datetime(2026, 6, 1, 9, 30, 15, 123456, tzinfo=UTC)
WORDS = (
    "plain",
    "",
    "two\nlines\r\nand\ta tab",
    r"a \ backslash, \N and \.",
    "“Zoë” — 1 000 €",
    "quote ' and \" and {braces}, comma",
)


@pytest.mark.parametrize("words", WORDS)
def test_words_are_read_back_as_they_were(agency, other_agency, words):
    from backline.kernel import copying
    from backline.kernel.models import Event

    subject = uuid4()
    facts = {"words": words, "nested": {"list": [words, None, 1, True]}}

    def written() -> Any:
        columns = ("id", "name", "subject", "at", "actor", "request", "reason", "facts", "changes")
        shared = copying.Json.of(ANN.as_json())
        row: tuple[Any, ...] = (uuid4(), "words.read", subject, AT, shared, "", words, facts, {})
        assert copying.write(Event, columns, [row]) == 1
        return Event.objects.values("at", "actor", "reason", "facts", "changes").get(
            subject=subject
        )

    assert in_books(agency, written) == {
        "at": AT,
        "actor": ANN.as_json(),
        "reason": words,
        "facts": facts,
        "changes": {},
    }
    assert not in_books(other_agency, lambda: Event.objects.filter(subject=subject).exists())


def test_nothing_and_figures_are_read_back_as_they_were(agency):
    from datetime import date
    from decimal import Decimal

    from backline.directory.models import Client
    from backline.invoicing.models import PurchaseOrder
    from backline.kernel import copying

    limits = [None, Decimal("0.00"), Decimal("1E+3"), Decimal("-0.00"), Decimal("999999999.99")]

    def written() -> list[tuple[object, ...]]:
        client = Client.objects.create(
            legal_name="Widgets Ltd", country="GB", currency="GBP", created_at=AT
        )
        columns = ("id", "client", "number", "limit", "currency", "starts_on", "version",
                   "added_at")  # fmt: skip
        rows = [
            (
                UUID(int=n),
                client.pk,
                f"PO {n}",
                limit,
                "GBP",
                date(2026, 1, 1) if n else None,
                n,
                AT,
            )
            for n, limit in enumerate(limits, start=1)
        ]
        assert copying.write(PurchaseOrder, columns, rows) == len(limits)
        return list(PurchaseOrder.objects.order_by("id").values_list("limit", "version"))

    assert in_books(agency, written) == [(limit, n) for n, limit in enumerate(limits, start=1)]


def test_more_rows_than_a_block_all_arrive_in_their_order(agency, other_agency):
    from backline.kernel import copying, ids
    from backline.kernel.models import Counter

    many = 2 * copying.BLOCK + 1

    def written() -> list[int]:
        count = copying.write(Counter, ("name", "last"), ((f"c{n:06d}", n) for n in range(many)))
        assert count == many
        found = Counter.objects.filter(name__startswith="c0").order_by("name")
        return list(found.values_list("last", flat=True))

    assert in_books(agency, written) == list(range(many))
    assert not in_books(other_agency, lambda: Counter.objects.filter(name="c000000").exists())
    keys = ids.new_ids(many)
    assert keys == sorted(set(keys))
    assert ids.new_id() > keys[-1]
