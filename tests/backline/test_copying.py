"""Whatever is copied into a table is read back as it was."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
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


@pytest.mark.parametrize("many", [1, 5, 60])  # by INSERT, and by COPY
@pytest.mark.parametrize("words", WORDS)
def test_words_are_read_back_as_they_were(agency, other_agency, words, many):
    from backline.kernel import copying
    from backline.kernel.arrays import Json
    from backline.kernel.models import Event

    subject = uuid4()
    facts = {"words": words, "nested": {"list": [words, None, 1, True]}}

    def written() -> Any:
        columns = ("id", "name", "subject", "at", "actor", "request", "reason", "facts", "changes")
        shared = Json.of(ANN.as_json())
        rows: list[tuple[Any, ...]] = [
            (uuid4(), "words.read", subject, AT, shared, "", words, facts, {}) for _ in range(many)
        ]
        assert copying.write(Event, columns, rows) == many
        return list(
            Event.objects.filter(subject=subject).values(
                "at", "actor", "reason", "facts", "changes"
            )
        )

    told = {"at": AT, "actor": ANN.as_json(), "reason": words, "facts": facts, "changes": {}}
    assert in_books(agency, written) == [told] * many
    assert not in_books(other_agency, lambda: Event.objects.filter(subject=subject).exists())


@pytest.mark.parametrize("times", [1, 12])  # by INSERT, and by COPY
def test_nothing_and_figures_are_read_back_as_they_were(agency, times):
    from backline.directory.models import Client
    from backline.invoicing.models import PurchaseOrder
    from backline.kernel import copying

    some = [None, Decimal("0.00"), Decimal("1E+3"), Decimal("-0.00"), Decimal("999999999.99")]
    limits = some * times

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


@pytest.mark.parametrize("many", [1, 5, 60])
@pytest.mark.parametrize("words", WORDS)
def test_what_every_row_has_alike_is_given_once(agency, words, many):
    from backline.kernel import copying
    from backline.kernel.models import Event

    subject = uuid4()
    rows = [(uuid4(), subject, f"{words}{n}") for n in range(many)]
    alike = {"name": words[:60], "at": AT, "actor": ANN.as_json(), "facts": {words: words},
             "changes": {}, "request": ""}  # fmt: skip

    def written() -> Any:
        copying.write(Event, ("id", "subject", "reason"), rows, alike)
        return list(Event.objects.filter(subject=subject).order_by("reason").values(*alike))

    assert in_books(agency, written) == [alike] * many


@pytest.mark.parametrize(
    "value",
    [
        {"n": 2**70, "words": ["\ud83d\ude00", "\u2028"]},
        {1: "a key that is no word"},
        {"at": AT, "key": UUID(int=7), "amount": Decimal("1.50"), "days": (date(2026, 6, 1),)},
        [None, True, 1.5, ""],
    ],
)
def test_json_says_the_same_as_the_frameworks_own(agency, value):
    import json

    from django.core.serializers.json import DjangoJSONEncoder

    from backline.kernel.arrays import Json

    told = Json.of(value)

    assert json.loads(told) == json.loads(DjangoJSONEncoder().encode(value))
    assert Json.of(told) is told
