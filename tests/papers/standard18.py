"""A strict reader of BACS Standard 18, written from the positions a bank prints, not from ours.

Positions are one-based and inclusive, as in the banks' implementation guides. Every column of
every record is accounted for: a character where a blank belongs is an error.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

BACS_TEXT = re.compile(r"[A-Z0-9.&/ -]*")

# label -> (first, last, what must stand there); "=" literal, "#" digits, "d" day, "t" text
LABELS = {
    "VOL1": "5-10 # serial|11-41 = blank|42-47 # sun|48-79 = blank|80-80 =1 level",
    "HDR1": (
        "5-5 =A a|6-11 # sun|12-12 =S s|13-15 = blank|16-21 # user|22-27 # serial"
        "|28-31 =0001 section|32-35 =0001 sequence|36-41 = blank"
        "|42-47 d created|48-53 d expires|54-54 = blank|55-60 =000000 blocks|61-80 = blank"
    ),
    "HDR2": (
        "5-5 =F form|6-10 =02000 block|11-15 =00100 record|16-50 = blank|51-52 =00 offset"
        "|53-80 = blank"
    ),
    "UHL1": (
        "5-10 d processing|11-16 =999999 bacs|17-20 = blank|21-22 =00 currency"
        "|23-28 =000000 country|29-37 =1 DAILY   work|38-40 # file|41-80 = blank"
    ),
    "UTL1": "5-17 # debits|18-30 # credits|31-37 # debit_count|38-44 # credit_count|45-80 = blank",
}
PAYMENT = (
    "1-6 # to_sort|7-14 # to_account|15-15 =0 kind|16-17 # code|18-23 # from_sort"
    "|24-31 # from_account|32-35 t free|36-46 # pence|47-64 t from_name"
    "|65-82 t reference|83-100 t to_name"
)


class Wrong(AssertionError):
    """The file breaks the standard."""


@dataclass
class Submission:
    labels: dict[str, dict[str, str]]
    credits: list[dict[str, str]]
    contra: dict[str, str]
    processing: date


def read(content: bytes) -> Submission:
    lines = content.decode("ascii").split("\r\n")
    if lines.pop() != "":
        raise Wrong("the last record does not end its line")
    order = [line[:4] for line in lines]
    if order[:4] != ["VOL1", "HDR1", "HDR2", "UHL1"] or order[-3:] != ["EOF1", "EOF2", "UTL1"]:
        raise Wrong(f"labels out of order: {order[:4]} {order[-3:]}")
    labels = {
        name: fields(line, LABELS[name], 80)
        for name, line in zip(order[:4], lines[:4], strict=True)
    }
    labels["UTL1"] = fields(lines[-1], LABELS["UTL1"], 80)
    for closing, opening in (("EOF1", lines[1]), ("EOF2", lines[2])):
        if lines[order.index(closing)][4:] != opening[4:]:
            raise Wrong(f"{closing} does not repeat its header")
    *paid, contra = (fields(line, PAYMENT, 100) for line in lines[4:-3])
    submission = Submission(labels, paid, contra, day(labels["UHL1"]["processing"]))
    agree(submission)
    return submission


def agree(it: Submission) -> None:
    """Check what must agree between records."""
    header, trailer, contra = it.labels["HDR1"], it.labels["UTL1"], it.contra
    total = sum(int(credit["pence"]) for credit in it.credits)
    same = (
        (int(trailer["credits"]), total, "credit total"),
        (int(trailer["debits"]), total, "debit total"),
        (int(trailer["credit_count"]), len(it.credits), "credit count"),
        (int(trailer["debit_count"]), 1, "debit count"),
        (int(contra["pence"]), total, "contra"),
        (contra["code"], "17", "contra code"),
        (contra["reference"].strip(), "CONTRA", "contra reference"),
        (
            contra["to_sort"] + contra["to_account"],
            contra["from_sort"] + contra["from_account"],
            "own",
        ),
        ({credit["code"] for credit in it.credits}, {"99"}, "credit code"),
        (it.labels["VOL1"]["sun"], header["sun"], "service user"),
        (it.labels["VOL1"]["serial"], header["serial"], "serial"),
        (day(header["created"]) < it.processing < day(header["expires"]), True, "days in order"),
        (it.processing.weekday() < 5, True, "a working day"),
    )
    for found, due, what in same:
        if found != due:
            raise Wrong(f"{what}: {found} and not {due}")


def fields(line: str, layout: str, width: int) -> dict[str, str]:
    if len(line) != width:
        raise Wrong(f"{len(line)} characters and not {width}: {line!r}")
    found, at = {}, 4 if width == 80 else 0
    for part in layout.split("|"):
        span, rule, name = re.findall(r"^(\S+) (=.*|\S) (\S+)$", part)[0]
        first, last = (int(end) for end in span.split("-"))
        if first != at + 1:
            raise AssertionError(f"this reader forgets columns before {part}")
        text, at = line[first - 1 : last], last
        check(text, rule, name)
        if name != "blank":
            found[name] = text
    if at != width:
        raise AssertionError("this reader forgets the end of the record")
    return found


def check(text: str, rule: str, name: str) -> None:
    good = {
        "#": text.isdigit(),
        "d": re.fullmatch(r" \d{5}", text) is not None,
        "t": BACS_TEXT.fullmatch(text) is not None,
        "=": text == rule[1:].ljust(len(text)),
    }[rule[0]]
    if not good:
        raise Wrong(f"{name}: {text!r} breaks {rule!r}")


def day(text: str) -> date:
    return date(2000 + int(text[1:3]), 1, 1) + timedelta(days=int(text[3:]) - 1)
