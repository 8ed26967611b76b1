"""What a statement in words reads is what the model itself reads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from tests.backline.week import ANN, in_books

pytestmark = pytest.mark.django_db

AT = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
HELD: tuple[dict[str, Any], ...] = (
    {},
    {"words": '“Zoë” — " \\ \n', "list": [1, None, True, "1.10"], "nested": {"deep": [[]]}},
    {"long": 12345678901234567890123456789, "negative": -9223372036854775809},
    {"digits in a word": "12345678901234567890"},
)


@pytest.mark.parametrize("held", HELD)
def test_json_is_read_as_the_model_reads_it(agency, other_agency, held):
    from backline.kernel import copying, statements
    from backline.kernel.models import Event

    subject = uuid4()

    def read() -> tuple[Any, Any]:
        columns = ("id", "name", "subject", "at", "actor", "request", "reason", "facts", "changes")
        row: tuple[Any, ...] = (uuid4(), "json.read", subject, AT, ANN.as_json(), "", "", held, {})
        copying.write(Event, columns, [row])
        known = statements.known(
            "what an event holds",
            lambda: Event.objects.filter(subject=statements.Slot("subject")).values_list("facts"),
        )
        return known.rows({"subject": subject})[0][0], Event.objects.get(subject=subject).facts

    for place in (agency, other_agency):
        quick, own = in_books(place, read)
        assert quick == own == held
        assert str(quick) == str(own)
