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


def test_a_firm_asks_for_more_where_it_wants_to(wire, owner):
    key = office.assignment(wire)
    client = wire.get(f"/v1/assignments/{key}").done()["client"]
    body = {"title": "Site vetting", "blocks": ["start"], "when": {"client": [client]}}

    made = owner.put("/v1/requirements/site_vetting", body).done()

    assert made["when"] == {"client": [client]}
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
