"""How many statements billing puts to the database: as many for a thousand sheets as for ten."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.backline.payday import TUESDAY, clock, earns
from tests.backline.week import ANN, client_of, in_books, posts

pytestmark = pytest.mark.django_db
MANY = 1000


def statements(place, count: int) -> Counter[str]:
    """Which statements drafting, drafting again and finalising put, of so many assignments."""
    from backline.invoicing import actions
    from backline.invoicing.models import Invoice

    clock(place)
    client, *_ = here = in_books(place, lambda: client_of(place, group_by=["assignment"]))
    in_books(place, lambda: earns(posts(place, count, at=here), bill="10.00"))

    def bill():
        actions.draft([client], actor=ANN, at=TUESDAY)
        drafts = actions.draft([client], actor=ANN, at=TUESDAY)  # over those that stand
        actions.finalize(drafts, actor=ANN, at=TUESDAY)

    with CaptureQueriesContext(connection) as asked:
        in_books(place, bill)
    assert in_books(place, Invoice.objects.filter(state="finalized").count) == count
    return Counter(query["sql"][:60] for query in asked.captured_queries)


def test_a_thousand_are_billed_in_as_many_statements_as_ten(agency, other_agency):
    few, many = statements(agency, 10), statements(other_agency, MANY)

    assert sum(many.values()) == sum(few.values()), many - few
