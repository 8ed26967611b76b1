"""What the tests of milestones share: a contract at work, planned in quarters, and its deeds."""

from __future__ import annotations

import base64
from functools import cache

from tests.api.office import paper
from tests.backline import payday
from tests.backline.payday import money
from tests.backline.week import posts

QUARTERS = [{"name": name, "share": "0.25"} for name in ("Plan", "Data", "Trial", "Handover")]
PRICE = {"pay": money("10000.00"), "bill": money("14000.00")}
SIGNED = "Accepted by Widgets Ltd"


@cache
def sign_off(words: str) -> str:
    """What a client signs, as base64."""
    from backline.kernel.papers import render
    from tests.papers.samples.bills import INVOICE

    return base64.b64encode(render("invoice", INVOICE | {"number": words})).decode()


def world(place, **more):
    """A statement of work through a company that is self-billed, at work since 1 June."""
    from backline.assignments.models import Assignment

    payday.employer()
    own = payday.company("limited", legal_name="Own Ltd")
    (post,) = posts(place, 1, **more)
    payday.through(post, own)
    Assignment.objects.update(engagement="sow")
    payday.payable(companies=[own])
    return post


def planned(wire, post, **more):
    """The milestones of an assignment, by number."""
    wire.post(
        f"/v1/assignments/{post.asg}/milestones", PRICE | {"milestones": QUARTERS} | more
    ).done()
    return by_number(wire, post)


def by_number(wire, post):
    rows = wire.every("/v1/milestones", assignment=post.asg, sort="number")
    return {row["number"]: row for row in rows}


def submit(wire, *rows):
    told = {"milestones": [{"milestone": row["id"], "note": "see the log"} for row in rows]}
    return wire.post("/v1/milestones/submit", told).done()


def accept(wire, *told, key="accept"):
    return wire.post("/v1/milestones/accept", {"milestones": list(told)}, key=key)


def reject(wire, row, reason):
    told = {"milestones": [{"milestone": row["id"], "reason": reason}]}
    return wire.post("/v1/milestones/reject", told).done()


def signed(wire, post, words=SIGNED):
    """The client's acceptance, kept about the assignment."""
    return paper(wire, "accepted.pdf", post.asg, sign_off(words))


def codes(reply):
    """The fault codes of each member of a set."""
    return [
        [(fault["code"], fault.get("pointer", "")) for fault in row["problem"]["errors"]]
        if row["problem"]
        else []
        for row in reply["results"]
    ]
