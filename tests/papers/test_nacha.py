"""NACHA: an outside reader finds nothing wrong, a bank settles it, and what comes back is read."""

import json
import threading
import urllib.request
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import achkit
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mockbank import nacha as outside  # type: ignore[import-untyped]  # it brings none
from mockbank.server import Config, make_server  # type: ignore[import-untyped]  # likewise

from backline.kernel.errors import Invalid
from backline.payroll.files import nacha, rails, returns

MOCK_BANK = "999999992"
NOW = datetime(2026, 5, 13, 16, 5, tzinfo=UTC)
FRIDAY = date(2026, 5, 15)
ORIGIN = nacha.Origin(MOCK_BANK, "Mock Bank", "1840512907", "Harbor Labor LLC")
ADA = nacha.Entry("011401533", "0072-19", Decimal("612.40"), "PAY-000101", "Ada Okonkwo")
WAGES = nacha.Batch("Harbor Labor LLC", "1840512907", FRIDAY, (ADA,))
SUPPLIER = replace(
    ADA,
    reference="REM-000007",
    name="Bright Path Staffing Inc",
    addenda=nacha.remittance("INV-0001", Decimal("612.40")),
)


def written(*batches, origin=ORIGIN, **other):
    return nacha.write(origin, batches or (WAGES,), created_at=NOW, **other)


def two_batches():
    savings = replace(
        ADA, kind="savings", amount=Decimal("0.01"), name="Zoë Núñez", reference="PAY-2"
    )
    return written(
        replace(WAGES, entries=(ADA, savings)),
        replace(WAGES, entry_class="CCD", description="CONTRACTOR", entries=(SUPPLIER,)),
    )


def test_an_outside_reader_finds_every_total_right():
    file = two_batches()
    verdict = achkit.validate(file.content.decode())
    assert verdict == {"ok": True, "errors": []}
    read = achkit.parse(file.content.decode())
    assert [len(batch["entries"]) for batch in read["batches"]] == [2, 1]
    assert read["batches"][0]["entries"][1]["name"].strip() == "Zoe Nunez"
    assert read["control"]["total_credit"] == 122481
    assert (file.count, file.amount) == (3, Decimal("1224.81"))


def test_a_second_outside_reader_agrees():
    _, findings = outside.inspect(two_batches().content, today=NOW.date())
    assert findings == []


def test_trace_numbers_go_on_where_the_last_file_stopped():
    assert written(first_trace=41).traces == ("999999990000041",)
    assert two_batches().traces == ("999999990000001", "999999990000002", "999999990000003")


def test_the_file_fills_blocks_of_ten():
    lines = two_batches().content.decode().splitlines()
    assert len(lines) == 10
    assert {len(line) for line in lines} == {94}
    assert written(replace(WAGES, entries=(ADA,) * 7)).content.count(b"\n") == 20


def test_wages_say_payroll_and_the_day():
    header = written().content.decode().splitlines()[1]
    assert header[:4] == "5220"
    assert header[50:63] == "PPDPAYROLL   "
    assert header[69:75] == "260515"


def test_every_fault_is_named_at_once():
    bad = nacha.Entry("011401534", "", Decimal("1.005"), "", "…", addenda="x" * 81)
    with pytest.raises(Invalid) as refusal:
        written(
            nacha.Batch("", "12345678901", date(2026, 5, 10), (bad,), description="WAGES OF MAY"),
            replace(WAGES, entries=()),
            origin=nacha.Origin("123456789", "", "12", "x"),
            modifier="a",
            first_trace=0,
        )
    assert [(f.pointer, f.code) for f in refusal.value.faults] == [
        ("/origin/bank_routing", "routing_number"),
        ("/origin/sender_name", "name_unwritable"),
        ("/origin/sender_id", "sender_id"),
        ("/modifier", "file_modifier"),
        ("/first_trace", "first_trace"),
        ("/batches/0/company_name", "name_unwritable"),
        ("/batches/0/company_id", "company_id"),
        ("/batches/0/description", "description"),
        ("/batches/0/effective_on", "too_late"),
        ("/batches/0/effective_on", "not_a_banking_day"),
        ("/batches/0/entries/0/routing", "routing_number"),
        ("/batches/0/entries/0/account", "account_number"),
        ("/batches/0/entries/0/amount", "fraction_of_a_penny"),
        ("/batches/0/entries/0/name", "name_unwritable"),
        ("/batches/0/entries/0/reference", "no_reference"),
        ("/batches/0/entries/0/addenda", "addenda_too_long"),
        ("/batches/1/entries", "no_payments"),
    ]


@pytest.mark.parametrize(
    ("routing", "holds"),
    [
        ("011401533", True),
        ("091000019", True),
        ("011401534", False),
        ("000000000", False),
        ("01140153", False),
    ],
)
def test_a_routing_number_checks_itself(routing, holds):
    assert rails.routing_number_holds(routing) is holds
    if routing != "000000000":
        assert achkit.is_valid_routing(routing) is holds


entries = st.builds(
    nacha.Entry,
    routing=st.sampled_from(["011401533", "091000019", "021000021", "121000358"]),
    account=st.from_regex(r"[A-Za-z0-9]{1,17}", fullmatch=True),
    amount=st.integers(1, 9_999_999_999).map(lambda cents: Decimal(cents).scaleb(-2)),
    reference=st.from_regex(r"[A-Z0-9]{1,15}", fullmatch=True),
    name=st.from_regex(r"[A-Z][a-zà-ö ]{0,40}", fullmatch=True),
    kind=st.sampled_from(["checking", "savings"]),
    addenda=st.sampled_from(["", "RMR*IV*1\\"]),
)


@given(st.lists(st.lists(entries, min_size=1, max_size=12), min_size=1, max_size=4))
def test_whatever_is_accepted_is_well_formed(batches):
    try:
        file = written(*(replace(WAGES, entries=tuple(batch)) for batch in batches))
    except Invalid as refusal:
        if refusal.code != "over_file_limit":
            raise
        return
    assert achkit.validate(file.content.decode())["ok"]


@pytest.fixture
def bank():
    """A bank on a port of its own, whose clock stands on the Wednesday of the pay week."""
    server = make_server(Config(port=0, quiet=True, clock="2026-05-13T09:00"))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def ask(method, path, body=None):
        url = f"http://127.0.0.1:{server.server_address[1]}{path}"
        with urllib.request.urlopen(urllib.request.Request(url, body, method=method)) as answer:
            return answer.read()

    mine = {"format": "nacha", "currency": "USD", "account_number": "1840512907", "balance": 10**7}
    ask("PATCH", "/_mock/accounts/ACME", json.dumps(mine).encode())
    yield ask
    server.shutdown()
    server.server_close()


def test_a_bank_settles_the_wages(bank):
    file = written(replace(WAGES, entries=(ADA, replace(ADA, reference="PAY-000102"))))
    answer = json.loads(bank("POST", "/payments", file.content))
    assert answer["status"] == "ACCP", answer
    bank("POST", "/_mock/advance?to=2026-05-18")
    paid = json.loads(bank("GET", "/_mock/payments"))
    said = [(p["instruction_id"], p["amount"], p["settlement_date"]) for p in reversed(paid)]
    assert said == [(trace, 61240, "2026-05-15") for trace in file.traces]
    assert all(p["status"] == "accepted" and p["booked_at"] for p in paid)


def test_a_returned_payment_finds_its_trace(bank):
    closed = {"currency": "USD", "behaviour": "closed-account", "account_number": "771"}
    bank(
        "POST",
        "/_mock/accounts",
        json.dumps(
            {"id": "ADA", "iban": "DE89370400440532013000", "name": "Ada", **closed}
        ).encode(),
    )
    gone = replace(ADA, routing=MOCK_BANK, account="771", reference="PAY-000103")
    file = written(replace(WAGES, entries=(ADA, gone)))
    assert json.loads(bank("POST", "/payments", file.content))["status"] == "PART"
    bank("POST", "/_mock/advance?days=2")
    report = returns.read_nacha(bank("GET", "/_mock/mailbox?raw&type=nacha.return"))
    assert report.faults == ()
    assert report.returned == (
        returns.Returned(file.traces[1], "R02", "Account closed", Decimal("612.40")),
    )
