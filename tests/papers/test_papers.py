"""Papers: what stands on them, that they never change, and that no process hangs printing one."""

import hashlib
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from backline.kernel import papers
from backline.kernel.papers import wording
from tests.papers.samples import (
    CREDIT_NOTE,
    GB_PAYSLIP,
    INVOICE,
    LONG_INVOICE,
    LONG_PAYSLIP,
    PAPERS,
    SELF_BILL,
    SETTLEMENT,
    STATEMENT,
    TIMESHEET,
    US_PAYSLIP,
)


def text(paper):
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(paper)).pages)


@pytest.mark.parametrize("name", PAPERS)
def test_every_paper_is_printed_the_same_every_time(name):
    template, facts = PAPERS[name]
    assert papers.render(template, facts) == papers.render(template, facts)


def test_another_process_prints_the_same_bytes():
    here = hashlib.sha256(papers.render("payslip", GB_PAYSLIP)).hexdigest()
    script = (
        "import hashlib; from backline.kernel import papers; from tests.papers import samples;"
        "print(hashlib.sha256(papers.render('payslip', samples.GB_PAYSLIP)).hexdigest())"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    there = subprocess.run([sys.executable, "-c", script], env=env, check=True, capture_output=True)
    assert there.stdout.decode().strip() == here


@pytest.mark.parametrize("name", PAPERS)
def test_every_paper_can_be_kept_and_read_aloud(name):
    read: Any = PdfReader(BytesIO(papers.render(*PAPERS[name])))
    about = read.trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in about
    assert "<pdfuaid:part>1</pdfuaid:part>" in about
    assert read.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert read.metadata.creation_date.date() == PAPERS[name][1]["dated"]
    fonts = [
        font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        for page in read.pages
        for font in page["/Resources"]["/Font"].values()
    ]
    assert fonts
    assert all("/FontFile3" in font or "/FontFile2" in font for font in fonts)


def test_a_payslip_says_what_was_paid_and_why():
    said = text(papers.render("payslip", GB_PAYSLIP))
    for words in (
        "Northgate Staffing Ltd",
        "Ada Okonkwo",
        "£501.24",
        "20.175",
        "3,548.12",
        "15 May 2026",
        "1257L, cumulative",
        "Rolled-up holiday pay, 12.07%",
        "How each figure came about",
        "PAYE: tax table calculations from 6 April 2026, HMRC",
    ):
        assert words in said, words


def test_a_us_worker_reads_a_us_statement_on_us_paper():
    paper = papers.render("payslip", US_PAYSLIP)
    assert "Check date May 15, 2026" in text(paper)
    assert "$782.47" in text(paper)
    width, height = PdfReader(BytesIO(paper)).pages[0].mediabox.upper_right
    assert (width, height) == (612, 792)


def test_without_steps_there_is_no_back_page():
    assert len(PdfReader(BytesIO(papers.render("payslip", US_PAYSLIP))).pages) == 1


def test_a_long_paper_repeats_its_head_and_keeps_its_sums_together():
    pages = [
        p.extract_text() for p in PdfReader(BytesIO(papers.render("invoice", LONG_INVOICE))).pages
    ]
    assert len(pages) >= 2
    assert all("Quantity" in page and f"/ {len(pages)}" in page for page in pages)
    assert all(words in pages[-1] for words in ("VAT 20% on 40,000.00", "£53,360.00", "Sort code"))
    slip = [
        p.extract_text() for p in PdfReader(BytesIO(papers.render("payslip", LONG_PAYSLIP))).pages
    ]
    assert all("Earnings" in page or "Amount" in page or "£" in page for page in slip)


def test_a_funded_invoice_says_whom_to_pay():
    said = text(papers.render("invoice", INVOICE))
    for words in (
        "Notice of assignment",
        "Keystone Payroll Finance Ltd",
        "20-44-17",
        "PO-2026-7781",
    ):
        assert words in said
    without = {
        name: fact for name, fact in INVOICE.items() if name not in ("assignment", "remit_to")
    }
    assert "Keystone" not in text(papers.render("invoice", without))


def test_a_credit_note_names_its_invoice_and_asks_for_no_money():
    said = text(papers.render("invoice", CREDIT_NOTE))
    assert "This credits invoice INV-000061" in said
    assert f"{wording.MINUS}£34.02" in said
    assert "Pay to" not in said


def test_the_other_papers_say_what_they_are_for():
    for name, facts, words in (
        ("remittance", SELF_BILL, ("Self-billed invoice", "output tax due to HMRC", "£3,110.00")),
        ("timesheet", TIMESHEET, ("Colin Braithwaite", "11 May 2026, 09:42 UTC", "38.50")),
        ("statement", STATEMENT, ("£5,973.20", "1 to 30 days", "Brought forward")),
        ("settlement", SETTLEMENT, ("£78,212.40", "Funds in use", "over 90 days")),
    ):
        said = text(papers.render(name, facts))
        for some in words:
            assert some in said, (name, some)


@pytest.mark.parametrize(
    "nasty", ["#panic()", "$x$ *bold* _it_ `raw`", "</a><b>", '"]}', "\\#\\", "= Title"]
)
def test_no_text_becomes_an_instruction(nasty):
    worker = {"name": nasty, "lines": [nasty]}
    assert nasty in text(
        papers.render("payslip", US_PAYSLIP | {"worker": worker, "notes": [nasty]})
    )


@pytest.mark.parametrize(
    "name", ["李小龍", "Łukasz Żółć", "Олена", "Nguyễn Thị", "🙂", "a\x07b\ud800", ""]
)
def test_every_name_gets_its_payslip(name):
    worker = {"name": name, "lines": [name]}
    assert papers.render("payslip", US_PAYSLIP | {"worker": worker}).startswith(b"%PDF")


def test_a_paper_nobody_knows_is_not_printed():
    for name in ("house", "../press", "cheque"):
        with pytest.raises(LookupError):
            papers.render(name, GB_PAYSLIP)


def test_a_float_never_reaches_paper():
    with pytest.raises(TypeError, match="float"):
        papers.render("payslip", GB_PAYSLIP | {"net": 501.24})


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("1234567.5", "1,234,567.50"),
        ("-28.35", f"{wording.MINUS}28.35"),
        ("20.1750", "20.175"),
        ("13.4500", "13.45"),
        ("0", "0.00"),
        ("-0.00", "0.00"),
        ("1E+3", "1,000.00"),
    ],
)
def test_figures_are_grouped_and_keep_their_places(amount, written):
    assert wording.figure(Decimal(amount)) == written


def test_days_are_said_as_the_country_says_them():
    assert wording.day(date(2026, 5, 4), "GB") == "4 May 2026"
    assert wording.day(date(2026, 5, 4), "US") == "May 4, 2026"
    with pytest.raises(TypeError, match="time zone"):
        wording.moment(datetime(2026, 5, 4), "GB")  # noqa: DTZ001 - the refusal is the point
    assert wording.moment(datetime(2026, 5, 4, 9, 5, tzinfo=UTC), "GB") == "4 May 2026, 09:05 UTC"


def test_many_threads_print_at_once():
    with ThreadPoolExecutor(8) as threads:
        printed = set(threads.map(lambda _: papers.render("timesheet", TIMESHEET), range(40)))
    assert len(printed) == 1


def test_a_child_of_a_process_that_printed_prints_too():
    """A forked worker would wait for ever for the threads its parent started."""
    expected = papers.render("timesheet", TIMESHEET)
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        same = papers.render("timesheet", TIMESHEET) == expected
        os._exit(0 if same and papers.render("timesheet", TIMESHEET) == expected else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_papers_are_bound_in_the_order_given():
    invoice, sheet = papers.render("invoice", INVOICE), papers.render("timesheet", TIMESHEET)
    bound = papers.bundle([invoice, sheet, sheet])
    assert bound == papers.bundle([invoice, sheet, sheet])
    pages = [page.extract_text() for page in PdfReader(BytesIO(bound)).pages]
    assert ["Approved time" in page for page in pages] == [False, True, True]
    assert bound != papers.bundle([sheet, invoice, sheet])
    with pytest.raises(ValueError, match="nothing to bind"):
        papers.bundle([])
