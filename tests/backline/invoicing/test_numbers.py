"""Numbers without gaps, whoever bills at the same time and whatever fails in between."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from django.db import connections

from tests.backline.payday import TUESDAY, clock, earns
from tests.backline.week import ANN, attend, client_of, in_books, posts

if TYPE_CHECKING:
    from uuid import UUID


class GivenUp(Exception):
    """What a thread dies of in the middle of its transaction."""


def test_numbers_have_no_gaps_while_many_bill_at_once_and_some_fail(committed, places):
    place = places["agency"]
    clock(place)

    def world():
        first = client_of(place, group_by=["assignment"])
        earns(posts(place, 24, at=first), bill="10.00")

    in_books(place, world)
    attend(place)
    keys: list[UUID] = in_books(place, _drafts)
    assert len(keys) == 24
    gate = threading.Barrier(4)
    errors: list[BaseException] = []

    def bill(some: list[UUID]) -> None:
        from backline.invoicing import actions
        from tenants import tenancy

        try:
            gate.wait()
            for n, key in enumerate(some):
                try:
                    with tenancy.firm(place.ref):
                        actions.finalize([key], actor=ANN, at=TUESDAY)
                        _perhaps_fail(n)
                except GivenUp:
                    continue
        except BaseException as error:  # noqa: BLE001 - told by the test itself
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=bill, args=(keys[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert errors == []
    numbers = in_books(place, _numbers)
    assert numbers == [f"INV-{n:06d}" for n in range(1, 17)]
    assert len(in_books(place, _drafts)) == 8  # those that failed are drafts still


def _perhaps_fail(n: int) -> None:
    if n % 3 == 1:
        raise GivenUp


def _drafts() -> list[UUID]:
    from backline.invoicing.models import Invoice

    return list(Invoice.objects.filter(state="draft").order_by("id").values_list("pk", flat=True))


def _numbers() -> list[str]:
    from backline.invoicing.models import Invoice

    rows = Invoice.objects.filter(state="finalized").order_by("number")
    return [number for number in rows.values_list("number", flat=True) if number]


def test_a_draft_made_final_meanwhile_is_not_billed_twice(committed, places):
    """Two that draft the same client at once, and one that makes its draft final between them."""
    from backline.invoicing import actions
    from backline.invoicing.models import BilledCharge
    from tenants import tenancy

    place = places["other_agency"]
    clock(place)
    client: UUID = in_books(place, lambda: _one_client(place))
    attend(place)
    errors: list[BaseException] = []
    gate = threading.Barrier(3)

    def work(deed) -> None:
        try:
            gate.wait()
            for _ in range(6):
                with tenancy.firm(place.ref):
                    deed()
        except BaseException as error:  # noqa: BLE001 - told by the test itself
            errors.append(error)
        finally:
            connections.close_all()

    def draft() -> None:
        actions.draft([client], actor=ANN, at=TUESDAY)

    def finalize() -> None:
        actions.finalize(_drafts(), actor=ANN, at=TUESDAY)

    threads = [threading.Thread(target=work, args=(deed,)) for deed in (draft, draft, finalize)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert errors == []
    billed = in_books(place, lambda: list(BilledCharge.objects.values_list("charge_id", flat=True)))
    assert len(billed) == len(set(billed)) == 6


def _one_client(place) -> UUID:
    first = client_of(place)
    earns(posts(place, 6, at=first), bill="10.00")
    return first[0]
