"""Making: one delivery for each event that an endpoint wants; a consumer of the feed."""

from collections.abc import Sequence

from django.db.models import QuerySet

from api import clock
from api.models import Delivery, Endpoint
from api.webhooks.actions import wants
from backline.kernel.events import Told

CONSUMER = "webhooks"


def is_needed() -> bool:
    """Whether there is an endpoint to tell anything to."""
    return _standing().exists()


def make_deliveries(told: Sequence[Told]) -> None:
    """Write what is to be sent; an event that was treated already is not written twice."""
    endpoints = list(_standing().values_list("pk", "events"))
    now = clock.now()
    Delivery.objects.bulk_create(
        [
            Delivery(
                endpoint_id=endpoint,
                seq=event.seq,
                event=event.id,
                name=event.name,
                next_at=now,
                made_at=event.at,
            )
            for event in told
            for endpoint, names in endpoints
            if wants(names, event.name)
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )


def _standing() -> QuerySet[Endpoint]:
    return Endpoint.objects.exclude(state=Endpoint.State.REMOVED)
