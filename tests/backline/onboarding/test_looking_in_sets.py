"""Ten times the work is not ten times the questions: the sets of the first stages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

if TYPE_CHECKING:
    from uuid import UUID

    from tenants.backend.seats import Place

pytestmark = pytest.mark.django_db

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


def told() -> dict[str, Any]:
    """Who does it, and when."""
    from backline.kernel.actors import Actor

    return {"actor": Actor("person", "psn_ann", "Ann"), "at": AT}


def confirmed(count: int) -> list[UUID]:
    """So many confirmed assignments at one client."""
    from backline.assignments import actions as assignments
    from backline.directory import actions as directory

    workers = [
        directory.NewWorker(given_name="Ada", family_name=f"Byron {n}", country="GB")
        for n in range(count)
    ]
    client = directory.add_clients(
        [directory.NewClient(legal_name="Widgets Ltd", country="GB", currency="GBP")], **told()
    )[0].id
    site = directory.NewSite(client=client, name="Works", country="GB", time_zone="Europe/London")
    contact = directory.NewContact(client=client, name="Meg", email="meg@widgets.example")
    place = directory.add_sites([site], **told())[0].id
    approver = directory.add_contacts([contact], **told())[0].id
    rates = assignments.NewRates(
        since=AT.date(),
        rates=[assignments.NewRate("regular", Decimal("15.00"), Decimal("21.00"))],
        pay_currency="GBP",
        bill_currency="GBP",
    )
    made = assignments.add(
        [
            assignments.NewAssignment(
                worker=worker.id,
                client=client,
                engagement="paye",
                starts_on=date(2026, 6, 15),
                pay_frequency="weekly",
                rates=rates,
                site=place,
                approver=approver,
            )
            for worker in directory.add_workers(workers, **told())
        ],
        **told(),
    )
    keys = [outcome.id for outcome in made]
    assignments.confirm(keys, **told())
    return keys


def questions(deed: Any, *args: Any) -> int:
    """How many statements a deed takes."""
    with CaptureQueriesContext(connection) as asked:
        deed(*args)
    return len(asked)


def look(keys: list[UUID]) -> None:
    """Look at assignments, as the reaction does."""
    from backline.onboarding import actions

    actions.look(keys, **told())


def file_terms(keys: list[UUID]) -> None:
    """Put a paper on file for each."""
    from backline.onboarding import actions

    papers = [
        actions.NewEvidence(
            requirement="terms_agreed", about=key, source="office", dated_on=date(2026, 5, 29)
        )
        for key in keys
    ]
    assert not any(outcome.refusal for outcome in actions.receive(papers, **told()))


def test_statements_do_not_grow_with_the_set(agency: Place) -> None:
    from backline.onboarding import actions as onboarding
    from tenants import tenancy

    with tenancy.firm(agency.ref):
        for paper in ("right_to_work", "key_information"):
            onboarding.require(paper, {"is_active": False}, **told())
        onboarding.require("terms_agreed", {"after": []}, **told())
        confirmed(1)
        adding = [questions(confirmed, count) for count in (2, 20)]
        few, many = confirmed(2), confirmed(20)
        opening = [questions(look, keys) for keys in (few, many)]
        again = [questions(look, keys) for keys in (few, many)]
        filing = [questions(file_terms, keys) for keys in (few, many)]
        clearing = [questions(look, keys) for keys in (few, many)]

    for counts in (adding, opening, again, filing, clearing):
        assert counts[0] == counts[1]
