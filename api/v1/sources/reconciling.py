"""/v1/sources/{source}/reconciliations: the source's own list against what was heard of it."""

from api import fields
from api.door import Call, door
from api.resource import Choice, Json, Shape, Text, Whole
from api.v1.sources.words import TAG
from backline.integrations import queries
from backline.integrations.records import KINDS
from backline.integrations.tokens import Token

DRIFT = Shape(
    "Drift",
    (
        Text("record"),
        Text("external_id"),
        Choice("how", ("missing", "behind", "ahead", "extra"),
               doc="How we stand: it never arrived, we have an older version, a newer one, or one"
               " that the list does not name."),
        Text("ours", null=True, doc="The version that was heard here."),
        Text("theirs", null=True, doc="The version in the list."),
    ),
    doc="One record on which the source and we differ.",
)  # fmt: skip
DRIFTS = Shape(
    "DriftReport",
    (Whole("compared"), Whole("differ"), Json("drift", {"type": "array", "items": DRIFT.ref()})),
    doc="Where the source's list differs from what was heard; send those records again.",
)


class ListedIn(fields.Input):
    """One record as the source lists it."""

    record = fields.Choice(tuple(KINDS))
    external_id = fields.Text(longest=80)
    source_version = fields.Whole(required=False, most=10**18)
    source_updated_at = fields.Instant(required=False)


class ManifestIn(fields.Input):
    """The source's list of its records."""

    records = fields.Many(ListedIn(), most=2000)
    is_complete = fields.Flag(default=False, doc="It names every record of the kinds in it.")


@door("POST", "/v1/sources/{source}/reconciliations", "source_reconcile",
      scope="placements:read", body=ManifestIn, answers=DRIFTS, tag=TAG)  # fmt: skip
def reconcile(call: Call, source: str) -> object:
    """Compare the source's list of its records with what was heard of each; nothing is changed."""
    manifest = [
        (
            one["record"],
            one["external_id"],
            Token(one.get("source_version"), one.get("source_updated_at")),
        )
        for one in call.body["records"]
    ]
    found = queries.drift(source, manifest, is_complete=call.body["is_complete"])
    told = [
        DRIFT.show(
            {
                "record": one.record,
                "external_id": one.external_id,
                "how": one.how,
                "ours": one.ours or None,
                "theirs": one.theirs or None,
            }
        )
        for one in found
    ]
    return DRIFTS.show({"compared": len(manifest), "differ": len(told), "drift": told})
