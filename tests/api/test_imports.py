"""Files of lines: good ones are kept, bad ones say why, and the same file comes in once."""

from __future__ import annotations

import pytest

from tests.api import office

HEAD = "given_name,family_name,country,reference,email"
WORKERS = f"{HEAD}\nAda,Byron,GB,W1,ada@example.com\nBob,Barker,GB,W2,\n"


def lines_of(wire, operation):
    """What became of each line."""
    return wire.get(f"/v1/operations/{operation}/items", limit=500).done()["data"]


def bring(wire, place, kind, text, **more):
    """A file brought in to its end."""
    reply = wire.post("/v1/imports", {"kind": kind, "text": text}, **more)
    assert reply.status == 202, reply.content
    office.settle(place)
    return wire.get(f"/v1/operations/{reply['id']}").done()


def count(wire, path):
    """How many records there are."""
    return len(wire.every(path))


def test_a_file_that_fails_in_part_keeps_its_good_rows_and_lists_the_bad(wire, agency):
    bad = "Cyd,,GB,W3,\nDee,Day,FR,W4,nobody\nEve,Eng,GB,W1,\n"

    made = bring(wire, agency, "workers", WORKERS + bad)

    assert (made["state"], made["done"], made["failed"]) == ("partially_succeeded", 2, 3)
    items = lines_of(wire, made["id"])
    assert [(item["ref"], item["state"]) for item in items] == [
        ("line 2", "done"),
        ("line 3", "done"),
        ("line 4", "failed"),
        ("line 5", "failed"),
        ("line 6", "failed"),
    ]
    told = {
        item["ref"]: {(fault["code"], fault["pointer"]) for fault in item["outcome"]["errors"]}
        for item in items
        if item["state"] == "failed"
    }
    assert told == {
        "line 4": {("required", "/family_name")},
        "line 5": {("unknown_choice", "/country"), ("invalid_email", "/email")},
        "line 6": {("already_there", "/reference")},
    }
    names = {row["given_name"] for row in wire.every("/v1/workers")}
    assert names == {"Ada", "Bob"}
    first = items[0]["outcome"]["worker"]
    assert wire.get(f"/v1/workers/{first}").done()["reference"] == "W1"


def test_the_same_file_twice_comes_in_once(wire, agency):
    first = bring(wire, agency, "workers", WORKERS)
    again = bring(wire, agency, "workers", WORKERS)

    assert again["id"] == first["id"]
    assert count(wire, "/v1/workers") == 2


def test_a_file_sent_again_tries_what_was_refused_and_nothing_else(wire, agency):
    worker = office.worker(wire, reference="W1")
    client = "client,worker,engagement,starts_on,pay_frequency\n"
    text = client + "C1,W1,paye,2026-06-01,weekly\nC1,W9,paye,2026-06-01,weekly\n"

    first = bring(wire, agency, "assignments", text)
    assert (first["done"], first["failed"]) == (0, 2)
    office.client(wire, reference="C1")
    second = bring(wire, agency, "assignments", text)
    assert (second["total"], second["done"], second["failed"]) == (2, 1, 1)
    office.worker(wire, reference="W9")
    third = bring(wire, agency, "assignments", text)

    assert (third["total"], third["done"], third["failed"]) == (1, 1, 0)
    rows = wire.every("/v1/assignments")
    assert len(rows) == 2
    assert worker in {row["worker"] for row in rows}


def test_a_dry_run_of_a_file_tells_every_line_and_keeps_nothing(wire):
    told = wire.post(
        "/v1/imports",
        {"kind": "workers", "text": WORKERS + "Cyd,,GB,W3,\n"},
        query={"dry_run": "true"},
    ).done()

    assert (told.status, told["done"], told["refused"]) == (207, 2, 1)
    assert told["results"][2]["line"] == 4
    assert count(wire, "/v1/workers") == 0
    assert wire.get("/v1/operations").done()["data"] == []


def test_what_excel_writes_is_read(wire, agency):
    text = "\ufeff" + WORKERS.replace("\n", "\r\n").replace("Barker", '"Barker, Jr"')

    made = bring(wire, agency, "workers", text)

    assert made["state"] == "succeeded"
    assert {row["family_name"] for row in wire.every("/v1/workers")} == {"Byron", "Barker, Jr"}


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        ("", 422, "blank"),
        (HEAD, 422, "too_many_lines"),
        ("given_name,shoe_size\nAda,5\n", 422, "unknown_column"),
        ("given_name,given_name\nAda,Bob\n", 422, "column_twice"),
        (f'{HEAD}\n"Ada,Byron\n', 400, "body_not_csv"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(wire, text, status, code):
    reply = wire.post("/v1/imports", {"kind": "workers", "text": text})

    assert (reply.status, reply.code) == (status, code)
    assert wire.get("/v1/operations").done()["data"] == []


def test_a_file_needs_the_right_to_write_what_it_holds(db, agency):
    from tests.callers import key_of
    from tests.wire import Wire

    half = Wire(key_of(agency, "operations:write", "clients:write"))

    reply = half.post("/v1/imports", {"kind": "workers", "text": WORKERS})

    assert (reply.status, reply.code) == (403, "scope_missing")


def test_the_numbers_in_a_waiting_file_are_sealed(wire, agency, partner):
    text = (
        "given_name,family_name,country,tax_id,tax.code,tax.ni_letter,bank.rail,bank.routing,"
        "bank.account\nAda,Byron,GB,QQ123456C,1257L,A,bacs,404784,70872490\n"
    )
    wire.post("/v1/imports", {"kind": "workers", "text": text}).done()

    from backline.kernel.models import OperationItem
    from tenants import tenancy

    with tenancy.firm(agency.ref):
        held = str(list(OperationItem.objects.values_list("args", flat=True)))
    assert "QQ123456C" not in held
    assert "70872490" not in held
    office.settle(agency)
    (row,) = wire.every("/v1/workers")
    assert row["tax_id_last"] == "456C"
    payroll = office.inside(partner, agency, "ops_payroll")
    (account,) = payroll.get("/v1/bank-accounts", worker=row["id"]).done()["data"]
    assert (account["state"], account["holder"]) == ("proposed", "Ada Byron")
    path = f"/v1/workers/{row['id']}/tax-elections"
    assert payroll.get(path).done()["data"][0]["facts"] == {"tax_code": "1257L", "ni_letter": "A"}


@pytest.mark.capability("AP-07", "PL-06")
def test_a_hundred_lines_with_three_bad_are_97_records_and_three_reasons(wire):
    sent = [
        {"given_name": f"Ada{n}", "family_name": "Byron", "country": "GB", "reference": f"W{n}"}
        for n in range(100)
    ]
    for n in (7, 50, 99):
        del sent[n]["family_name"]

    told = wire.post("/v1/workers/import", {"workers": sent}).done()

    assert (told.status, told["done"], told["refused"]) == (207, 97, 3)
    refused = [each for each in told["results"] if each["outcome"] == "refused"]
    assert [each["index"] for each in refused] == [7, 50, 99]
    assert {each["problem"]["code"] for each in refused} == {"required"}
    assert count(wire, "/v1/workers") == 97
    again = [sent[n] | {"family_name": "Byron"} for n in (7, 50, 99)]
    assert wire.post("/v1/workers/import", {"workers": again}).done()["done"] == 3
    assert count(wire, "/v1/workers") == 100


def test_more_than_a_hundred_become_an_operation(wire, agency):
    rows = "".join(f"Ada{n},Byron,GB,W{n},\n" for n in range(150))
    reply = wire.post("/v1/workers/import", f"{HEAD}\n{rows}", media="text/csv").done()

    assert (reply.status, reply["kind"], reply["total"]) == (202, "import.workers", 150)
    assert reply.headers["Location"] == f"/v1/operations/{reply['id']}"
    office.settle(agency)
    assert wire.get(f"/v1/operations/{reply['id']}").done()["done"] == 150


def test_assignments_name_what_they_mean_by_id_or_by_the_firms_own_words(wire, agency):
    office.worker(wire, reference="W1")
    client = office.client(wire, reference="C1")
    site, contact = office.site(wire, client), office.contact(wire, client)
    head = (
        "worker,client,engagement,starts_on,pay_frequency,site,approver,reference,"
        "pay_rate.amount,pay_rate.currency,bill_rate.amount,bill_rate.currency,overtime.factor\n"
    )
    good = "W1,C1,paye,2026-06-01,weekly,works,MEG@widgets.example,A1,15.00,GBP,21.00,GBP,1.5\n"
    bad = f"W1,{client},paye,2026-06-01,weekly,Nowhere,{contact},A2,15.00,GBP,21.00,GBP,\n"

    made = bring(wire, agency, "assignments", head + good + bad)

    assert (made["done"], made["failed"]) == (1, 1)
    (row,) = wire.every("/v1/assignments")
    assert (row["site"], row["approver"], row["overtime"]) == (site, contact, {"factor": "1.5"})
    (agreed,) = wire.get(f"/v1/assignments/{row['id']}/rates").done()["data"]
    assert agreed["rates"][0]["bill_rate"] == office.money("21.00")
    errors = lines_of(wire, made["id"])[1]["outcome"]["errors"]
    assert [(fault["code"], fault["pointer"]) for fault in errors] == [("not_found", "/site")]


def test_papers_are_filed_by_the_hundred(wire, agency):
    key = office.assignment(wire, reference="A1")
    worker = wire.get(f"/v1/assignments/{key}").done()["worker"]
    wire.post(f"/v1/assignments/{key}/confirm").done()
    held, kid = office.paper(wire, about=worker), office.paper(wire, about=key)
    text = (
        "requirement,about,source,dated_on,document\n"
        "terms_agreed,A1,office,2026-05-29,\n"
        f"right_to_work,{worker},share_code,2026-05-29,{held}\n"
        f"key_information,A1,office,2026-05-29,{kid}\n"
        "right_to_work,W404,office,2026-05-29,\n"
    )

    made = bring(wire, agency, "evidence", text)

    assert (made["done"], made["failed"]) == (3, 1)  # the terms wait for the key information
    assert wire.get(f"/v1/assignments/{key}").done()["status"] in {"ready", "active"}


def test_time_comes_in_by_whole_weeks(wire, agency):
    keys = []
    for reference in ("A1", "A2"):
        key = office.assignment(wire, reference=reference)
        wire.post(f"/v1/assignments/{key}/confirm").done()
        office.file_papers(wire, key)
        keys.append(key)
    office.settle(agency)
    text = (
        "assignment,worked_on,quantity\n"
        "A1,2026-06-01,8.00\nA2,2026-06-01,8.00\nA1,2026-06-02,7.50\nA2,2026-06-02,eight\n"
    )

    made = bring(wire, agency, "time", text)

    assert (made["total"], made["done"], made["failed"]) == (2, 1, 1)
    good, bad = lines_of(wire, made["id"])
    assert good["ref"] == "line 2, 4"
    assert bad["outcome"]["errors"][0]["pointer"] == "/lines/5/quantity"
    sheet = wire.get(f"/v1/timesheets/{good['outcome']['timesheet']}").done()
    assert (sheet["assignment"], sheet["total"]) == (keys[0], "15.50")


def test_another_agencys_references_are_not_ours(wire, other_wire, agency, other_agency):
    office.worker(wire, reference="W1")
    office.client(wire, reference="C1")
    text = "worker,client,engagement,starts_on,pay_frequency\nW1,C1,paye,2026-06-01,weekly\n"

    theirs = bring(other_wire, other_agency, "assignments", text)
    ours = bring(wire, agency, "assignments", text)

    assert (theirs["failed"], ours["done"]) == (1, 1)
