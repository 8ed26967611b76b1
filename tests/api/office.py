"""What the tests of several stages begin with, put there over the wire: people, clients, work."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenants.backend.seats import Place
    from tests.wire import Wire

MONDAY = date(2026, 6, 1)  # the firms' first morning
PDF = "JVBERi0xLjQKMSAwIG9iago8PC9UeXBlL0NhdGFsb2c+PgplbmRvYmoK"


def settle(place: Place) -> None:
    """Let the firm's consumers and operations do what they would do within seconds."""
    from tenants import attending

    while attending.attend(place.ref):
        pass


def inside(partner: Place, agency: Place, role: str, name: str = "") -> Wire:
    """Somebody of the partner's, both factors just shown, inside an agency for an hour."""
    from tests.callers import signed_in
    from tests.wire import Wire

    home = Wire(signed_in(partner, role, name))
    path = f"/v1/partner/agencies/{agency.ref}/act"
    return Wire(home.post(path, {"reason": "the weekly cycle"}).done()["token"])


def read_one_by_one(wire: Wire, other: Wire, path: str, **query: Any) -> list[dict[str, Any]]:
    """The rows of a list, each also read by its id: the same, and none of the other agency's."""
    rows = wire.every(path, **query)
    for row in rows:
        told = wire.get(f"{path}/{row['id']}").done().body
        assert {name: told[name] for name in row} == row
        hidden = other.get(f"{path}/{row['id']}")
        assert (hidden.status, hidden.code) == (404, "not_found")
    return rows


def worker(wire: Wire, **more: Any) -> str:
    """A worker; British unless said otherwise."""
    facts = {"given_name": "Ada", "family_name": "Byron", "country": "GB"} | more
    return str(wire.post("/v1/workers", facts).done()["id"])


def client(wire: Wire, **more: Any) -> str:
    """A client."""
    facts = {"legal_name": "Widgets Ltd", "country": "GB", "currency": "GBP"} | more
    return str(wire.post("/v1/clients", facts).done()["id"])


def site(wire: Wire, client_id: str, **more: Any) -> str:
    """A place of work of a client."""
    facts = {"name": "Works", "country": "GB", "time_zone": "Europe/London"} | more
    return str(wire.post("/v1/sites", facts | {"client": client_id}).done()["id"])


def contact(wire: Wire, client_id: str, **more: Any) -> str:
    """A person at a client who approves time."""
    facts = {"name": "Meg", "email": "meg@widgets.example"} | more
    return str(wire.post("/v1/contacts", facts | {"client": client_id}).done()["id"])


def money(amount: str, currency: str = "GBP") -> dict[str, str]:
    """Money as it is sent."""
    return {"amount": amount, "currency": currency}


def rate(pay: str, bill: str, code: str = "regular", currency: str = "GBP") -> dict[str, Any]:
    """A rate with both sides."""
    return {"code": code, "pay_rate": money(pay, currency), "bill_rate": money(bill, currency)}


def assignment(wire: Wire, **more: Any) -> str:
    """A pending assignment with rates, site and approver; what is given replaces what is made."""
    client_id = more.pop("client", None) or client(wire)
    where = more.pop("where", {})
    facts = {
        "worker": more.pop("worker", None) or worker(wire),
        "client": client_id,
        "engagement": "paye",
        "starts_on": MONDAY.isoformat(),
        "pay_frequency": "weekly",
        "rates": {"rates": [rate("15.00", "21.00")]},
        "site": site(wire, client_id, **where),
        "approver": contact(wire, client_id),
    } | more
    return str(wire.post("/v1/assignments", facts).done()["id"])


def paper(wire: Wire, name: str = "passport.pdf", about: str = "", content: str = PDF) -> str:
    """A kept file."""
    facts = {"name": name, "media_type": "application/pdf", "content": content}
    facts |= {"about": about} if about else {}
    return str(wire.post("/v1/documents", facts).done()["id"])


def file_papers(wire: Wire, assignment_id: str, worker_id: str = "", **more: Any) -> None:
    """Put on file everything that a British assignment needs before it starts."""
    known = worker_id or wire.get(f"/v1/assignments/{assignment_id}").done()["worker"]
    for requirement, about in (
        ("right_to_work", known),
        ("key_information", assignment_id),
        ("terms_agreed", assignment_id),
    ):
        facts = {
            "requirement": requirement,
            "about": about,
            "source": "office",
            "dated_on": "2026-05-29",
        }
        if requirement != "terms_agreed":
            facts["document"] = paper(wire, f"{requirement}.pdf", about)
        wire.post("/v1/evidence", facts | more.get(requirement, {})).done()
