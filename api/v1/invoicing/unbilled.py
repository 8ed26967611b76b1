"""/v1/unbilled: approved work that no final invoice holds, by age, with its value and owner."""

from api import fields
from api.door import Call, door
from api.resource import Amount, Choice, Day, Instant, Json, Ref, Shape, Text, Whole, Words
from api.v1.invoicing.words import CURRENCIES, TAG
from backline.invoicing import queries

UNBILLED = Shape(
    "Unbilled",
    (
        Ref("client", "cli"),
        Text("client_name"),
        Choice("currency", CURRENCIES),
        Amount("amount", doc="Before tax."),
        Amount("drafted", doc="As much of it as stands on drafts."),
        Amount("waiting", doc="As much of it as stands on none."),
        Whole("charges"),
        Day("since", doc="The oldest day of work."),
        Whole("days", doc="How old that is."),
        Instant("approved_at", doc="When the first of it was approved and priced."),
        Text("owner", doc="The role that has to act."),
        Words("because", doc="What it waits for, where something is in the way."),
    ),
    doc="Approved work of one client that is not invoiced yet.",
)
ALL_UNBILLED = Shape(
    "AllUnbilled",
    (Json("data", {"type": "array", "items": UNBILLED.ref()}),),
    doc="Approved work that is not invoiced yet, the oldest first.",
)


class UnbilledQuery(fields.Input):
    """Of one client alone."""

    client = fields.PublicId("cli", required=False)


@door(
    "GET",
    "/v1/unbilled",
    "unbilled_list",
    scope="invoices:read",
    query=UnbilledQuery,
    answers=ALL_UNBILLED,
    tag=TAG,
)
def unbilled(call: Call) -> object:
    """List approved work that no final invoice holds, by client, the oldest first."""
    only = [call.query["client"]] if "client" in call.query else None
    return {
        "data": [
            UNBILLED.show(
                {
                    **row,
                    "client": row["client_id"],
                    "client_name": row["client__legal_name"],
                    "currency": row["bill_currency"],
                }
            )
            for row in queries.unbilled(call.on, only)
        ]
    }
