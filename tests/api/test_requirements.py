"""What must be on file, as a firm sets it, and the files that are kept for it."""

from __future__ import annotations

import pytest

from tests.api import office


def clearance(wire, key):
    """The codes of what is missing for an assignment."""
    told = wire.get(f"/v1/assignments/{key}/clearance").done()
    return {item["requirement"] for item in told["missing"]}


# --- requirements ---------------------------------------------------------------------------------


def test_a_firm_begins_with_the_packets_of_law_each_where_it_holds(wire, other_wire):
    rows = {row["code"]: row for row in wire.every("/v1/requirements")}

    assert {"right_to_work", "key_information", "i9_section_2", "w9"} <= rows.keys()
    assert (rows["right_to_work"]["country"], rows["right_to_work"]["blocks"]) == ("GB", ["start"])
    assert rows["i9_section_2"]["days_after_start"] == 3
    assert rows["key_information"]["source"].startswith("Conduct of Employment Agencies")
    assert rows["company_documents"]["when"] == {"engagement": ["limited", "sow"]}
    assert rows["bank_account"]["country"] == ""  # asked for in both
    codes = {row["code"] for row in other_wire.every("/v1/requirements")}
    assert codes == rows.keys()


def test_a_firm_asks_for_more_where_it_wants_to(wire, other_wire, owner):
    key = office.assignment(wire)
    client = wire.get(f"/v1/assignments/{key}").done()["client"]
    body = {"title": "Site vetting", "blocks": ["start"], "when": {"client": [client]}}

    made = owner.put("/v1/requirements/site_vetting", body).done()

    assert made["when"] == {"client": [client]}
    told = wire.get("/v1/requirements/site_vetting").done().body
    assert told == made.body
    assert told in wire.every("/v1/requirements")
    assert other_wire.get("/v1/requirements/site_vetting").status == 404
    assert "site_vetting" in clearance(wire, key)
    assert "site_vetting" not in clearance(wire, office.assignment(wire))
    owner.put("/v1/requirements/site_vetting", {"is_active": False}).done()
    assert "site_vetting" not in clearance(wire, key)


@pytest.mark.parametrize(
    ("code", "body", "status_", "fault"),
    [
        ("vetting", {}, 422, ("required", "/title")),
        ("vetting", {"title": "x", "blocks": ["lunch"]}, 422, ("unknown_choice", "/blocks/0")),
        ("vetting", {"title": "x", "when": {"moon": []}}, 422, ("unknown_field", "/when/moon")),
        ("vetting", {"title": "x", "after": ["nothing"]}, 422, ("not_found", "/after")),
        ("No Code", {"title": "x"}, 404, ("not_found", "")),
    ],
)  # fmt: skip
def test_a_requirement_that_cannot_be_is_refused(owner, code, body, status_, fault):
    reply = owner.put(f"/v1/requirements/{code}", body)

    assert reply.status == status_
    assert fault in reply.codes
    assert owner.get("/v1/requirements/vetting").status == 404


# --- files ----------------------------------------------------------------------------------------


def test_the_same_bytes_about_the_same_thing_are_kept_once(wire):
    worker = office.worker(wire)

    first, again = office.paper(wire, about=worker), office.paper(wire, about=worker)

    assert first == again
    assert office.paper(wire, about=office.worker(wire)) != first


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"content": "@@"}, "invalid_base64"),
        ({"content": ""}, "invalid_base64"),
        ({"content": "aGVsbG8="}, "not_what_it_says"),
        ({"media_type": "text/html"}, "unknown_choice"),
        ({"name": "../../etc/passwd"}, "invalid_name"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(wire, facts, code):
    body = {"name": "a.pdf", "media_type": "application/pdf", "content": office.PDF} | facts

    reply = wire.post("/v1/documents", body)

    assert reply.status == 422
    assert code in [fault for fault, _ in reply.codes]
    assert wire.get("/v1/documents").done()["data"] == []


@pytest.mark.capability("OK-16")
def test_own_company_public_client_and_more_than_three_months_demand_a_document(
    wire, other_wire, owner, agency
):
    rule = {
        "title": "Public sector engagement review",
        "about": "assignment",
        "blocks": ["start", "pay"],
        "when": {"engagement": ["limited"], "client_class": ["public"]},
        "over_months": 3,
        "needs_document": True,
    }
    bad = owner.put("/v1/requirements/public_review", rule | {"when": {"client_class": ["royal"]}})
    assert bad.codes == [("unknown_choice", "/when/client_class/0")]
    made = owner.put("/v1/requirements/public_review", rule).done()
    assert (made["when"], made["over_months"]) == (rule["when"], 3)

    own = wire.post("/v1/intermediaries", {"kind": "limited", "legal_name": "Own Ltd"}).done()["id"]
    public = office.client(wire, legal_name="County Hospital", ownership="public")
    private = office.client(wire, ownership="private")

    def asked(client: str, ends_on: str | None, engagement: str = "limited") -> bool:
        more = {"intermediary": own} if engagement == "limited" else {}
        facts = {"client": client, "engagement": engagement, "ends_on": ends_on, **more}
        key = office.assignment(wire, **{name: each for name, each in facts.items() if each})
        return "public_review" in clearance(wire, key)

    # from Monday 1 June: the last day of August is three months, 1 September is more
    assert not asked(public, "2026-08-31")
    assert asked(public, "2026-09-01")
    assert asked(public, None)
    assert not asked(private, None)
    assert not asked(public, None, "paye")
    assert not asked(office.client(wire), None)

    key = office.assignment(wire, client=public, engagement="limited", intermediary=own)
    told = wire.get(f"/v1/assignments/{key}/clearance").done()
    item = next(one for one in told["missing"] if one["requirement"] == "public_review")
    assert (item["blocks"], item["about"]) == (["start", "pay"], "assignment")
    assert not told["is_cleared_to_start"]
    evidence = {
        "requirement": "public_review",
        "about": key,
        "source": "office",
        "dated_on": "2026-05-29",
        "document": office.paper(wire, "review.pdf", key),
    }
    wire.post("/v1/evidence", evidence).done()
    assert "public_review" not in clearance(wire, key)

    # a fact that becomes known later is followed: the private client turns out to be public
    later = office.assignment(wire, client=private, engagement="limited", intermediary=own)
    assert "public_review" not in clearance(wire, later)
    match = wire.get(f"/v1/clients/{private}").headers["ETag"]
    wire.patch(f"/v1/clients/{private}", {"ownership": "public"}, match=match).done()
    assert "public_review" in clearance(wire, later)
    assert other_wire.get("/v1/requirements/public_review").status == 404
