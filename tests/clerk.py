"""The clerk of the stories: does only what a client of the API can do, over the test client.

It is the demo's own clerk (`deploy/demo/clerk.py`); only the caller differs, and what it waits for:
here the firm's feed is followed, its operations run and its mail sent after each step.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from deploy.demo.caller import Keys, Problem
from deploy.demo.clerk import Clerk
from deploy.demo.office import Office
from tests.callers import key_of, signed_in
from tests.wire import Reply, Wire

if TYPE_CHECKING:
    from tenants.backend.seats import Place

_NUMBERS = itertools.count(1)


class WireCaller:
    """The wire of the tests as the demo's callers speak: JSON, or the problem raised."""

    def __init__(self, wire: Wire) -> None:
        self.wire, self.keys = wire, Keys()

    def get(self, path: str, **query: Any) -> Any:
        """Read; the JSON, or raises Problem."""
        return _good("GET", path, self.wire.get(path, **query)).body

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        """Do a deed, under a key of its own."""
        key = self.keys.key(path, body)
        return _good("POST", path, self.wire.post(path, body, key=key, **more)).body

    def put(self, path: str, body: Any = None) -> Any:
        """Set a record."""
        return _good("PUT", path, self.wire.put(path, body)).body

    def patch(self, path: str, body: Any) -> Any:
        """Change some fields of a record, as it stands now."""
        tag = _good("GET", path, self.wire.get(path)).headers.get("ETag", "*")
        return _good("PATCH", path, self.wire.patch(path, body, match=tag)).body

    def fetch(self, path: str) -> bytes:
        """Fetch a paper."""
        return _good("GET", path, self.wire.get(path)).content


def _good(method: str, path: str, reply: Reply) -> Reply:
    if 200 <= reply.status < 300:
        return reply
    raise Problem(method, path, reply.status, reply.body or {})


def clerk_of(agency: Place, partner: Place) -> Clerk:
    """A clerk with the hands of everybody who works for this agency."""
    n = next(_NUMBERS)  # a code of the app is good once, so each clerk has people of their own
    home = {
        role: WireCaller(Wire(signed_in(partner, role, f"{role}{n}")))
        for role in ("partner_admin", "ops_payroll", "ops_billing", "ops_compliance")
    }
    inside = {role: _visit(caller, agency) for role, caller in home.items()}
    office = Office(
        agency=agency.ref,
        key=WireCaller(Wire(key_of(agency))),
        owner=WireCaller(Wire(signed_in(agency, "owner", f"owner{n}"))),
        payroll=inside["ops_payroll"],
        releaser=inside["partner_admin"],
        billing=inside["ops_billing"],
        compliance=inside["ops_compliance"],
        partner=home["partner_admin"],
        lender=home["ops_billing"],
        nobody=WireCaller(Wire()),
    )

    def settle() -> None:
        from tenants import attending

        while attending.attend(agency.ref) or attending.attend(partner.ref):
            pass

    return Clerk(office, settle)


def _visit(caller: WireCaller, agency: Place) -> WireCaller:
    made = caller.post(f"/v1/partner/agencies/{agency.ref}/act", {"reason": "the weekly cycle"})
    return WireCaller(Wire(made["token"]))
