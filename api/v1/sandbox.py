"""/v1/sandbox: moving the clock of an agency that is not live."""

from api import fields
from api.door import Call, door
from api.resource import Instant, Shape
from tenants import tenancy
from tenants.agencies import actions
from tenants.tasks import attend

CLOCK = Shape("Clock", (Instant("now", doc="What time it is for this agency."),))


class ClockIn(fields.Input):
    """The moment to move to."""

    now = fields.Instant()


@door("POST", "/v1/sandbox/clock", "sandbox_set_clock", scope="sandbox:write", body=ClockIn,
      answers=CLOCK, role="shared")  # fmt: skip
def set_clock(call: Call) -> object:
    """Move the clock of a sandbox agency forward; what falls due on the way happens in order."""
    caller = call.known()
    moved = actions.set_clock(caller.firm_id, clock=call.body["now"], actor=call.actor, at=call.at)
    tenancy.after_commit(lambda: attend.ring(call.firm, "clock"))
    return CLOCK.show({"now": moved.clock})
