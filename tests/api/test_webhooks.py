"""Being told of events: signed, retried, paused, replayed, and never sent to the inside."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from api import clock
from api.webhooks import outward, sending
from backline.kernel import consumers, feed
from tenants import tenancy
from tests.api.office import read_one_by_one

ENDPOINTS = "/v1/webhook-endpoints"
DELIVERIES = "/v1/webhook-deliveries"
NOW = clock.now()


@dataclass
class Receiver:
    """Somebody's server: keeps what arrives, and answers as it was told."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    arrived: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    """A server on this machine, which the settings allow to be called."""
    kept = Receiver()

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            kept.arrived.append((dict(self.headers), self.rfile.read(length)))
            self.send_response(kept.answers.pop(0) if kept.answers else 200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.OUTWARD_ALLOWED = ("127.0.0.1",)
    kept.url = f"http://127.0.0.1:{server.server_port}/in"
    yield kept
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def at(monkeypatch):
    """Set the clock by which deliveries are sent."""

    def set_(moment: Any) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return set_


def told(place: Any) -> None:
    """Do what the worker does: number the events, make the deliveries, send what is due."""
    with tenancy.firm(place.ref):
        feed.number()
        consumers.run("webhooks")
    while sending.send_due(place.ref, at=NOW):
        pass


def registered(wire: Any, url: str, *names: str) -> Any:
    """A registered endpoint, its id and its secret."""
    names = names or ("endpoint.*",)
    return wire.post(ENDPOINTS, {"url": url, "events": list(names)}).done()


def test_a_message_is_signed_as_the_standard_says(wire, agency, receiver):
    made = registered(wire, receiver.url)

    told(agency)

    ((headers, body),) = receiver.arrived
    message = Webhook(made["secret"]).verify(body, headers)
    assert message["type"] == "endpoint.registered"
    assert message["data"]["agency"] == agency.ref
    assert message["data"]["subject"] == made["id"]
    assert message["data"]["id"] == headers["webhook-id"]
    with pytest.raises(WebhookVerificationError):
        Webhook(made["secret"]).verify(body + b" ", headers)


def test_the_secret_is_shown_once(wire, receiver):
    made = registered(wire, receiver.url)

    assert made["secret"].startswith("whsec_")
    assert "secret" not in wire.get(f"{ENDPOINTS}/{made['id']}").done().body


def test_only_what_was_asked_for_is_told(wire, agency, receiver):
    registered(wire, receiver.url, "timesheet.*", "endpoint.paused")

    told(agency)

    assert receiver.arrived == []


def test_what_happened_elsewhere_is_never_told(wire, other_wire, agency, other_agency, receiver):
    registered(wire, receiver.url)
    registered(other_wire, receiver.url)

    told(agency)

    assert [orjson.loads(body)["data"]["agency"] for _, body in receiver.arrived] == [agency.ref]


def test_a_failed_message_is_tried_again_by_the_table(wire, agency, receiver, at):
    at(NOW)
    registered(wire, receiver.url)
    receiver.answers = [500, 302, 200]

    moment = NOW
    for wait in (timedelta(0), sending.WAITS[0], sending.WAITS[1]):
        at(moment + wait - timedelta(seconds=1) if wait else moment)
        tries = len(receiver.arrived)
        if wait:
            told(agency)
            assert len(receiver.arrived) == tries, "too early"
        moment += wait * 1.1
        at(moment)
        told(agency)

    assert len(receiver.arrived) == 3
    assert len({headers["webhook-id"] for headers, _ in receiver.arrived}) == 1
    (row,) = wire.every(DELIVERIES)
    assert (row["state"], row["attempts"], row["last_status"]) == ("delivered", 3, 200)


def test_an_endpoint_that_is_gone_is_paused_and_its_owner_told(wire, agency, receiver):
    made = registered(wire, receiver.url)
    receiver.answers = [410]

    told(agency)

    shown = wire.get(f"{ENDPOINTS}/{made['id']}").done()
    assert shown["state"] == "paused"
    assert "410" in shown["paused_because"]
    with tenancy.firm(agency.ref):
        feed.number()
    assert "endpoint.paused" in {row["type"] for row in wire.get("/v1/events").done()["data"]}


def test_an_endpoint_that_fails_for_days_is_paused_and_resumes_with_all_of_it(
    wire, agency, receiver, at
):
    at(NOW)
    made = registered(wire, receiver.url)
    receiver.answers = [500] * 20
    moment = NOW
    while wire.get(f"{ENDPOINTS}/{made['id']}").done()["state"] == "active":
        at(moment)
        told(agency)
        moment += timedelta(hours=20)
        with tenancy.firm(agency.ref):
            from api.models import Delivery

            Delivery.objects.filter(state="failed").update(state="pending", attempts=3, next_at=NOW)

    assert moment - NOW > sending.PAUSED_AFTER
    receiver.answers = []
    wire.post(f"{ENDPOINTS}/{made['id']}/resume").done()
    told(agency)
    assert {row["state"] for row in wire.every(DELIVERIES)} == {"delivered"}


def test_during_a_roll_both_secrets_sign(wire, agency, receiver):
    made = registered(wire, receiver.url)
    rolled = wire.post(f"{ENDPOINTS}/{made['id']}/roll-secret").done()

    told(agency)

    assert rolled["secret"] != made["secret"]
    headers, body = receiver.arrived[0]
    for secret in (made["secret"], rolled["secret"]):
        Webhook(secret).verify(body, headers)


def test_what_happened_is_sent_again_on_request(wire, agency, receiver):
    made = registered(wire, receiver.url)
    told(agency)
    first = dict(receiver.arrived[0][0])["webhook-id"]

    reply = wire.post(f"{ENDPOINTS}/{made['id']}/replay", {"after": 0}).done()
    told(agency)

    assert reply["queued"] == 1
    assert [dict(headers)["webhook-id"] for headers, _ in receiver.arrived] == [first, first]


def test_one_delivery_is_read_and_tried_again_on_request(wire, other_wire, agency, receiver):
    registered(wire, receiver.url)
    told(agency)
    (row,) = wire.every(DELIVERIES)

    refused = other_wire.post(f"{DELIVERIES}/{row['id']}/retry")
    wire.post(f"{DELIVERIES}/{row['id']}/retry").done()
    told(agency)

    assert (refused.status, len(receiver.arrived)) == (404, 2)
    (again,) = read_one_by_one(wire, other_wire, DELIVERIES)
    assert (again["id"], again["state"], again["last_status"]) == (row["id"], "delivered", 200)
    assert (again["event"], again["type"]) == (row["event"], "endpoint.registered")


def test_a_removed_endpoint_is_never_called_again(wire, agency, receiver):
    made = registered(wire, receiver.url)

    assert wire.delete(f"{ENDPOINTS}/{made['id']}").status == 204
    told(agency)

    assert receiver.arrived == []
    assert wire.get(f"{ENDPOINTS}/{made['id']}").status == 404


def test_a_change_needs_the_version_that_was_read(wire, receiver):
    made = registered(wire, receiver.url)
    where = f"{ENDPOINTS}/{made['id']}"
    read = wire.get(where).done().headers["ETag"]

    blind = wire.patch(where, {"description": "a"})
    done = wire.patch(where, {"description": "a"}, match=read)
    stale = wire.patch(where, {"description": "b"}, match=read)
    again = wire.patch(where, {"description": "b"}, match=done.headers["ETag"])

    assert (blind.status, done.status, stale.status, again.status) == (428, 200, 412, 200)
    assert stale.headers["ETag"] == done.headers["ETag"]
    assert wire.get(where)["description"] == "b"
    assert wire.get(where)["url"] == receiver.url


INSIDE = [
    "http://hooks.example.com/", "https://hooks.example.com:8443/", "https://127.0.0.1/",
    "https://[::1]/", "https://169.254.169.254/latest/meta-data", "https://localhost/",
    "https://2130706433/", "https://user:pw@hooks.example.com/", "https://printer.local/",
    "ftp://hooks.example.com/", "javascript:alert(1)", "https://", "//hooks.example.com",
    "https://hooks.example.com/#x", "https://hooks\u3002example.com/", "https://0x7f.1/",
]  # fmt: skip  # a list of tricks


@pytest.mark.parametrize("url", INSIDE)
def test_an_address_inside_is_not_taken(wire, url):
    reply = wire.post(ENDPOINTS, {"url": url})

    assert reply.status == 422
    assert reply.codes[0][1] == "/url"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1",
        "::ffff:10.0.0.1", "2002:7f00:1::", "ff02::1", "64:ff9b::7f00:1",
    ],
)  # fmt: skip  # a list of nets
def test_a_name_that_leads_inside_is_not_called(monkeypatch, address):
    monkeypatch.setattr(outward, "_resolved", lambda _host, _port: ["93.184.216.34", address])

    with pytest.raises(outward.Unreachable, match="not on the internet"):
        outward.post("https://hooks.example.com/in", b"{}", {})
