"""The directory over the wire: workers, clients, companies, the firm and its accounts."""

from __future__ import annotations

import pytest

from backline.kernel import feed
from tenants import tenancy
from tests.api import office

LETTER = {"ni_letter": "A"}
NUMBERS = {"rail": "bacs", "holder": "A Byron", "routing": "40-47-84", "account": "70872490"}


@pytest.fixture
def inside(db, partner, agency):
    """Somebody of the partner's inside the agency."""
    return lambda role, name="": office.inside(partner, agency, role, name)


def told(place, wire, kind):
    """The events of a kind."""
    with tenancy.firm(place.ref):
        feed.number()
    return wire.get("/v1/events", type=kind).done()["data"]


# --- workers --------------------------------------------------------------------------------------


def test_what_is_secret_goes_in_and_never_comes_out(wire, agency):
    made = wire.post(
        "/v1/workers",
        {
            "given_name": "Ada",
            "family_name": "Byron",
            "country": "GB",
            "born_on": "1990-05-01",
            "tax_id": "QQ 12 34 56 C",
        },
    ).done()

    assert (made["tax_id_last"], made["has_birth_date"]) == ("456C", True)
    read = wire.get(f"/v1/workers/{made['id']}").done()
    assert b"QQ123456" not in read.content
    assert b"1990" not in read.content
    tag = read.headers["ETag"]
    wire.patch(f"/v1/workers/{made['id']}", {"tax_id": "QQ123457D"}, match=tag).done()
    (event,) = told(agency, wire, "worker.changed")
    assert event["changes"]["tax_id"] == ["…", "…"]
    assert "QQ123457D" not in str(event)
    from django.db import connection

    with tenancy.firm(agency.ref), connection.cursor() as cursor:
        cursor.execute("SELECT encode(tax_id, 'escape') FROM directory_worker")
        assert "QQ123457D" not in str(cursor.fetchall())


@pytest.mark.capability("AU-06")
def test_who_must_see_a_secret_says_why_and_is_written_down(wire, inside, agency, owner):
    key = office.worker(wire, tax_id="QQ123456C", born_on="1990-05-01")
    path = f"/v1/workers/{key}/reveal"
    officer = inside("ops_compliance", "cora")

    assert officer.post(path, {"reason": " "}).status == 422
    assert owner.post(path, {"reason": "curious"}).code == "scope_missing"
    assert wire.post(path, {"reason": "sync"}).code == "scope_missing"
    assert told(agency, wire, "secret.shown") == []
    assert officer.get(f"/v1/workers/{key}").done()["tax_id_last"] == "456C"

    shown = officer.post(path, {"reason": "Right-to-work call of the Home Office"}).done()

    assert (shown["tax_id"], shown["born_on"]) == ("QQ123456C", "1990-05-01")
    (event,) = told(agency, wire, "secret.shown")
    assert (event["subject"][4:], event["actor"]["name"]) == (key[4:], "cora")
    assert event["reason"] == "Right-to-work call of the Home Office"
    assert event["data"]["fields"] == ["born_on", "tax_id"]
    account = wire.post("/v1/bank-accounts", NUMBERS | {"worker": key}).done()["id"]
    seen = officer.post(f"/v1/bank-accounts/{account}/reveal", {"reason": "A call-back"}).done()
    assert (seen["routing"], seen["account"]) == ("404784", "70872490")


@pytest.mark.parametrize(
    ("facts", "code", "pointer"),
    [
        ({"given_name": ""}, "blank", "/given_name"),
        ({"country": "FR"}, "unknown_choice", "/country"),
        ({"email": "ada"}, "invalid_email", "/email"),
        ({"email": "ada@example.com\nBcc: all@example.com"}, "invalid_email", "/email"),
        ({"tax_id": "12"}, "tax_id_shape", "/tax_id"),
        ({"born_on": "1890-01-01"}, "day_out_of_range", "/born_on"),
        ({"born_on": "2027-01-01"}, "day_out_of_range", "/born_on"),
    ],
)
def test_a_worker_that_cannot_be_is_refused_by_its_field(wire, facts, code, pointer):
    body = {"given_name": "Ada", "family_name": "Byron", "country": "GB"} | facts

    reply = wire.post("/v1/workers", body)

    assert reply.status == 422
    assert (code, pointer) in reply.codes
    assert wire.get("/v1/workers").done()["data"] == []


def test_two_people_never_overwrite_each_other(wire):
    key = office.worker(wire)
    read = wire.get(f"/v1/workers/{key}").done().headers["ETag"]
    path = f"/v1/workers/{key}"

    first = wire.patch(path, {"phone": "1"}, match=read).done()
    second = wire.patch(path, {"phone": "2"}, match=read)
    third = wire.patch(path, {"phone": "3"})

    assert (second.status, second.code) == (412, "changed_since_read")
    assert (third.status, third.code) == (428, "if_match_required")
    assert wire.get(path).done()["phone"] == "1"
    assert first["version"] == 2


def test_null_takes_away_and_an_address_is_changed_part_by_part(wire):
    key = office.worker(wire, phone="1", address={"line1": "1 High Street", "city": "Leeds"})
    path = f"/v1/workers/{key}"

    changed = wire.patch(path, {"phone": None, "address": {"city": "York"}}, match="*").done()

    assert changed["phone"] == ""
    assert changed["address"] == {"line1": "1 High Street", "city": "York"}


def test_a_change_that_changes_nothing_is_not_told(wire, agency):
    key = office.worker(wire, tax_id="QQ123456C", born_on="1990-05-01")
    read = wire.get(f"/v1/workers/{key}").done()

    same = {"given_name": "Ada", "tax_id": "QQ 12 34 56 C", "born_on": "1990-05-01"}
    again = wire.patch(f"/v1/workers/{key}", same, match="*").done()

    assert again.headers["ETag"] == read.headers["ETag"]
    assert told(agency, wire, "worker.changed") == []


def test_another_agency_sees_and_changes_nothing_of_ours(wire, other_wire):
    key, client = office.worker(wire), office.client(wire)

    for path in (f"/v1/workers/{key}", f"/v1/clients/{client}"):
        unknown = other_wire.get(path)
        assert (unknown.status, unknown.code) == (404, "not_found")
        assert other_wire.patch(path, {"reference": "x"}, match="*").status == 404
    theirs = {"worker": key, "client": client, "engagement": "paye", "starts_on": "2026-06-01",
              "pay_frequency": "weekly"}  # fmt: skip
    assert other_wire.post("/v1/assignments", theirs).codes == [
        ("not_found", "/worker"),
        ("not_found", "/client"),
    ]
    assert other_wire.get("/v1/workers").done()["data"] == []


# --- tax and orders -------------------------------------------------------------------------------


def test_a_tax_code_holds_from_its_day_and_ends_the_one_before(wire, inside):
    key = office.worker(wire)
    path = f"/v1/workers/{key}/tax-elections"
    facts = {"tax_code": "1257L", "tax_basis": "cumulative", "ni_letter": "A"}
    code = {"kind": "gb_paye", "source": "p45", "since": "2026-04-06", "facts": facts}

    wire.post(path, code).done()
    later = code | {"since": "2026-07-01", "facts": {"tax_code": "BR", "ni_letter": "A"}}
    wire.post(path, later | {"source": "hmrc"}).done()

    rows = inside("ops_payroll").get(path).done()["data"]
    assert [(row["facts"]["tax_code"], row["since"], row["until"]) for row in rows] == [
        ("BR", "2026-07-01", None),
        ("1257L", "2026-04-06", "2026-07-01"),
    ]


@pytest.mark.parametrize(
    ("kind", "facts", "code", "pointer"),
    [
        ("gb_paye", LETTER | {"tax_code": "12Q"}, "unreadable_tax_code", "/facts/tax_code"),
        ("gb_paye", {"tax_code": "1257L"}, "missing", "/facts/ni_letter"),
        ("gb_paye", LETTER | {"tax_code": "BR", "basis": "x"}, "unknown_fact", "/facts/basis"),
        ("us_w4", {"status": "widowed"}, "unknown_status", "/facts/status"),
        ("us_w4", {"extra": 12.5}, "number_not_exact", "/facts"),
        ("fr_taux", {}, "election_unknown", "/kind"),
    ],
)
def test_an_election_that_no_pack_could_read_is_refused(wire, inside, kind, facts, code, pointer):  # noqa: PLR0917  # a case has its columns
    path = f"/v1/workers/{office.worker(wire)}/tax-elections"

    body = {"kind": kind, "facts": facts, "since": "2026-05-01", "source": "office"}
    reply = wire.post(path, body)

    assert reply.status == 422
    assert (code, pointer) in reply.codes
    assert inside("ops_payroll").get(path).done()["data"] == []


def test_an_order_without_its_case_number_is_taken_in_and_told_as_incomplete(wire, inside):
    clerk = inside("ops_payroll")
    order = {"worker": office.worker(wire), "kind": "dea_standard", "payee": "DWP",
             "since": "2026-06-01", "facts": {"amount": "25.00"}}  # fmt: skip

    made = clerk.post("/v1/orders", order).done()
    assert made["is_complete"] is False

    path = f"/v1/orders/{made['id']}"
    known = clerk.patch(path, {"case_number": "DWP 77"}, match=made.headers["ETag"]).done()
    assert known["is_complete"] is True
    assert clerk.post(f"{path}/end", {"until": "2026-09-01"}).done()["until"] == "2026-09-01"
    assert clerk.post(f"{path}/end", {"until": "2026-05-01"}).code == "ends_before_start"
    wrong = order | {"facts": {"amount": "a lot"}}
    assert clerk.post("/v1/orders", wrong).codes == [("invalid_amount", "/facts/amount")]


# --- bank accounts --------------------------------------------------------------------------------


@pytest.mark.capability("OU-12", "AU-05")
def test_a_bank_account_needs_a_second_person_with_a_fresh_factor(wire, inside):
    first, second = inside("ops_payroll", name="pat"), inside("ops_payroll", name="quinn")
    key = office.worker(wire)

    own = first.post("/v1/bank-accounts", NUMBERS | {"worker": key}).done()
    assert (own["state"], own["account_last"]) == ("proposed", "2490")
    assert b"7087" not in own.content
    path = f"/v1/bank-accounts/{own['id']}"
    assert first.post(f"{path}/approve").code == "second_person_needed"
    assert wire.post(f"{path}/approve").status == 403
    assert first.get(path).done()["state"] == "proposed"

    assert second.post(f"{path}/approve").done()["state"] == "approved"
    newer = wire.post("/v1/bank-accounts", NUMBERS | {"worker": key, "account": "11112222"}).done()
    assert second.get(path).done()["state"] == "approved"  # paid there until the new one is seen
    many = second.post("/v1/bank-accounts/approve", {"bank_accounts": [newer["id"], own["id"]]})
    assert [each["outcome"] for each in many.done()["results"]] == ["done", "refused"]
    assert second.get(path).done()["state"] == "replaced"


def test_a_refused_bank_account_is_final(wire, inside):
    clerk = inside("ops_payroll")
    made = wire.post("/v1/bank-accounts", NUMBERS | {"worker": office.worker(wire)}).done()
    path = f"/v1/bank-accounts/{made['id']}"

    assert clerk.post(f"{path}/refuse", {"reason": "not hers"}).done()["state"] == "refused"
    again = clerk.post(f"{path}/approve")

    assert (again.status, again.code) == (409, "illegal_move")


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"routing": "40478"}, "routing_shape"),
        ({"account": "123"}, "account_shape"),
        ({"rail": "ach"}, "routing_shape"),
        ({"holder": " "}, "blank"),
        ({"worker": None}, "null"),
    ],
)
def test_bank_details_that_cannot_be_are_refused(wire, facts, code):
    body = NUMBERS | {"worker": office.worker(wire)} | facts

    reply = wire.post("/v1/bank-accounts", body)

    assert reply.status == 422
    assert code in [fault for fault, _ in reply.codes]


# --- clients and companies ------------------------------------------------------------------------


def test_terms_hold_from_a_day_and_end_those_before(wire):
    key = office.client(wire)
    path = f"/v1/clients/{key}/terms"

    wire.post(path, {"since": "2026-01-01", "net_days": 30}).done()
    wire.post(path, {"since": "2026-06-01", "net_days": 14, "group_by": ["po_number"]}).done()
    again = wire.post(path, {"since": "2026-06-01", "net_days": 7})

    assert (again.status, again.code) == (422, "terms_exist")
    rows = wire.get(path).done()["data"]
    assert [(row["net_days"], row["until"]) for row in rows] == [(14, None), (30, "2026-06-01")]


def test_a_credit_limit_is_in_the_clients_own_currency(wire):
    path = f"/v1/clients/{office.client(wire)}"

    wrong = wire.patch(path, {"credit_limit": office.money("5", "USD")}, match="*")
    right = wire.patch(path, {"credit_limit": office.money("5000.00")}, match="*").done()
    none = wire.patch(path, {"credit_limit": None}, match="*").done()

    assert wrong.codes == [("currency_differs", "/credit_limit/currency")]
    assert right["credit_limit"] == office.money("5000.00")
    assert none["credit_limit"] is None


def test_a_site_needs_its_clients_a_zone_and_in_the_us_a_state(wire):
    key = office.client(wire, country="US", currency="USD")
    body = {"client": key, "name": "Plant", "country": "US", "time_zone": "America/Chicago"}

    assert wire.post("/v1/sites", body).codes == [("required", "/region")]
    assert wire.post("/v1/sites", body | {"time_zone": "Mars"}).codes == [
        ("unknown_zone", "/time_zone")
    ]
    assert wire.post("/v1/sites", body | {"region": "IL"}).done()["region"] == "IL"


def test_a_companys_approval_is_dated_and_each_change_is_somebodys(wire, inside, agency):
    made = wire.post("/v1/intermediaries", {"kind": "umbrella", "legal_name": "Brolly Ltd"}).done()
    path = f"/v1/intermediaries/{made['id']}"
    officer = inside("ops_compliance", name="cora")

    officer.patch(path, {"approved_from": "2026-06-01"}, match=made.headers["ETag"]).done()
    officer.patch(path, {"approved_until": "2026-08-31"}, match="*").done()
    wrong = officer.patch(path, {"approved_until": "2026-05-01"}, match="*")
    officer.patch(path, {"approved_from": None, "approved_until": None}, match="*").done()

    assert wrong.codes == [("ends_before_start", "/approved_until")]
    events = told(agency, wire, "intermediary.changed")
    assert [event["changes"] for event in events] == [
        {"approved_from": [None, "2026-06-01"]},
        {"approved_until": [None, "2026-08-31"]},
        {"approved_from": ["2026-06-01", None], "approved_until": ["2026-08-31", None]},
    ]
    assert {event["actor"]["name"] for event in events} == {"cora"}


# --- the firm -------------------------------------------------------------------------------------


def test_the_firm_is_changed_by_its_owner_as_it_was_read(owner):
    firm = owner.get("/v1/firm").done()
    assert (firm["legal_name"], firm["country"], firm["currency"]) == (
        "Acorn Staffing",
        "GB",
        "GBP",
    )

    body = {"vat_number": "GB123456789", "address": {"city": "Leeds"}}
    changed = owner.patch("/v1/firm", body, match=firm.headers["ETag"]).done()
    late = owner.patch("/v1/firm", body, match=firm.headers["ETag"])

    assert changed["vat_number"] == "GB123456789"
    assert (late.status, late.code) == (412, "changed_since_read")


def test_employer_facts_are_registered_from_a_day(owner):
    paye = {"authority": "hmrc_paye", "reference": "123/AB456", "since": "2026-01-01"}

    made = owner.post("/v1/registrations", paye).done()
    assert (made["reference"], made["since"], made["until"]) == ("123/AB456", "2026-01-01", None)
    assert owner.post("/v1/registrations", paye | {"reference": "AB"}).codes == [
        ("reference_shape", "/reference")
    ]
    state = {"authority": "state:TX", "reference": "1", "since": "2026-01-01"}
    assert owner.post("/v1/registrations", state).codes == [("authority_unknown", "/authority")]


def test_the_firm_pays_from_the_account_added_last(owner, agency, wire):
    body = {"name": "Wages", "rail": "bacs", "currency": "GBP", "account": "12345678",
            "facts": {"sun": "123456", "sort_code": "404784"}}  # fmt: skip

    first = owner.post("/v1/paying-accounts", body).done()
    second = owner.post("/v1/paying-accounts", body | {"account": "87654321"}).done()

    rows = {row["id"]: row["is_default"] for row in owner.get("/v1/paying-accounts").done()["data"]}
    assert rows == {first["id"]: False, second["id"]: True}
    assert b"8765" not in second.content
    assert len(told(agency, wire, "paying_account.added")) == 2
    bare = owner.post("/v1/paying-accounts", body | {"facts": {"sun": "123456"}})
    assert bare.codes == [("required", "/facts/sort_code")]
