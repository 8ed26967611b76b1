"""/v1/partner/agencies/{agency}/release-policy: may the preparer of a small agency release."""

from uuid import UUID

from api import clock, fields
from api.door import Call, door
from api.resource import Flag, Id, Instant, Resource, Text
from api.v1.payroll.words import TAG
from backline.kernel.errors import Missing
from backline.payroll import actions
from backline.payroll.models import ReleasePolicy
from tenants import tenancy
from tenants.agencies import registry

RELEASE_POLICY = Resource(
    "ReleasePolicy",
    model=ReleasePolicy,
    fields=(
        Id("pol"),
        Flag("preparer_may_release"),
        Text("reason"),
        Instant("set_at"),
    ),
    doc="Whether the preparer of a run may also release it; the approver never may.",
)


class ReleasePolicyIn(fields.Input):
    """What holds from now on, and why."""

    preparer_may_release = fields.Flag()
    reason = fields.Text(longest=300)


@door(
    "PUT",
    "/v1/partner/agencies/{agency:agy}/release-policy",
    "release_policies_set",
    scope="policies:write",
    body=ReleasePolicyIn,
    answers=RELEASE_POLICY,
    role="apart",
    tag=TAG,
)
def set_policy(call: Call, agency: UUID) -> object:
    """Say whether the preparer of an agency's runs may release them; the partner alone decides."""
    ref = registry.ref(agency)
    try:
        is_own = tenancy.place(ref).partner == call.firm
    except tenancy.NoSuchFirm:
        is_own = False
    if not is_own:
        raise Missing("not_found", "There is no such agency.")
    with tenancy.firm(ref):
        made = actions.set_release_policy(**call.body, actor=call.actor, at=clock.now())
        return RELEASE_POLICY.one(made.pk)


@door(
    "GET",
    "/v1/release-policy",
    "release_policy_retrieve",
    scope="pay_runs:read",
    answers=RELEASE_POLICY,
    tag=TAG,
)
def policy(call: Call) -> object:  # noqa: ARG001  # every deed is given its call
    """Read who may release runs here, as the partner decided it last."""
    row = ReleasePolicy.objects.order_by("-id").first()
    if row is None:
        raise Missing("not_set", "The partner decided nothing: preparer and releaser differ.")
    return RELEASE_POLICY.one(row.pk)
