"""Returns: good lines are kept, bad ones are listed, unknown reasons are not guessed."""

from decimal import Decimal

from backline.payroll.files import returns

ENTRY = (
    "621011401533" + f"{'0072':17}" + "0000061240" + f"{'PAY-1':15}{'Ada':22}" + "  1" + "0" * 15
)
GONE = "799R02" + "999999990000041" + " " * 6 + "01140153" + " " * 44 + "0" * 15
CHANGED = (
    "798C01" + "999999990000042" + " " * 6 + "01140153" + f"{'99887':29}" + " " * 15 + "0" * 15
)


def test_a_return_names_our_trace_and_why():
    report = returns.read_nacha(f"{ENTRY}\n{GONE}".encode())
    assert report.returned == (
        returns.Returned("999999990000041", "R02", "Account closed", Decimal("612.40")),
    )
    assert not report.returned[0].is_paid


def test_a_notice_of_change_paid_and_says_what_is_right():
    (change,) = returns.read_nacha(f"{ENTRY}\n{CHANGED}".encode()).returned
    assert (change.code, change.corrected, change.is_paid) == ("C01", "99887", True)


def test_good_lines_are_kept_and_bad_ones_listed():
    remark = "705" + " " * 91
    lines = [
        ENTRY[:-1],
        GONE,
        ENTRY,
        GONE,
        GONE,
        ENTRY,
        remark,
        ENTRY,
        GONE.replace("9999", "abcd", 1),
    ]
    report = returns.read_nacha("\n".join(lines).encode())
    assert len(report.returned) == 1
    assert [(fault.pointer, fault.code) for fault in report.faults] == [
        ("/lines/1", "record_length"),
        ("/lines/2", "no_entry"),
        ("/lines/5", "no_entry"),
        ("/lines/7", "not_a_return"),
        ("/lines/9", "trace_number"),
    ]


def test_unapplied_credits_come_as_csv():
    report = returns.read_arucs(
        b"\xef\xbb\xbfReference, Code, Reason, Amount\r\n"
        b"PAY-000017,B,,488.04\r\n"
        b"PAY-000018,Z,Something new,\r\n"
        b",5,,\r\n"
        b"PAY-000019,5,,NaN\r\n"
    )
    assert [(r.reference, r.code, r.reason, r.amount) for r in report.returned] == [
        ("PAY-000017", "B", "The account is closed", Decimal("488.04")),
        ("PAY-000018", "Z", "Something new", None),
    ]
    assert [(f.pointer, f.code) for f in report.faults] == [
        ("/lines/4", "incomplete"),
        ("/lines/5", "amount"),
    ]


def test_what_is_not_a_report_is_said_to_be_none():
    for content, code in (
        (b"\xff\xfe", "not_text"),
        (b"", "columns"),
        (b"payee,amount\nAda,1\n", "columns"),
        (b'reference,code\n"' + b"x" * 200_000, "not_csv"),
    ):
        report = returns.read_arucs(content)
        assert (report.returned, [fault.code for fault in report.faults]) == ((), [code])
