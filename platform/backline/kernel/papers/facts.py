"""Facts: what each paper is made of.

Amounts, hours and rates are Decimals (two places are always shown, more only where they say
something), days are dates, moments are aware datetimes in the zone they should be read in. Texts
arrive finished. Nothing is added up here or in a template: every total is a fact.

All papers share `Paper`: `country` (GB or US) decides the sheet and how days are written, `dated`
is the day of the paper, `foot` one line for the foot of every page (a registration, say).
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal, NotRequired, TypedDict


class Party(TypedDict):
    """Somebody named on paper: a name, then address and numbers, a line each."""

    name: str
    lines: NotRequired[list[str]]


class Detail(TypedDict):
    """A label and what it says: Tax code, 1257L."""

    label: str
    value: str | date


class Amount(TypedDict):
    """A label and an amount."""

    label: str
    amount: Decimal


class Paper(TypedDict):
    """What every paper says."""

    country: Literal["GB", "US"]
    currency: str
    dated: date
    number: str
    firm: Party
    foot: NotRequired[str]
    notes: NotRequired[list[str]]


class Earning(TypedDict):
    """One line of pay; a lump sum has neither quantity nor rate."""

    label: str
    quantity: Decimal | None
    rate: Decimal | None
    amount: Decimal


class Deduction(Amount):
    """What is taken off, and how much of it this year."""

    year_to_date: NotRequired[Decimal | None]


class Step(TypedDict):
    """One step of a calculation, in words."""

    label: str
    result: str


class Explained(TypedDict):
    """A line of pay and how it came about."""

    label: str
    amount: Decimal
    steps: list[Step]
    rule: NotRequired[str]
    source: NotRequired[str]


class Payslip(Paper):
    """`payslip`: what a worker is paid and why; `dated` is the day the money arrives.

    With `steps` there is a back page that says how each figure came about.
    """

    worker: Party
    details: list[Detail]
    earnings: list[Earning]
    deductions: list[Deduction]
    employer: NotRequired[list[Amount]]
    year_to_date: NotRequired[list[Amount]]
    gross: Decimal
    deducted: Decimal
    net: Decimal
    paid_to: NotRequired[str]
    steps: NotRequired[list[Explained]]


class WorkLine(TypedDict):
    """Work of one worker in one week at one rate."""

    worker: str
    week: str
    label: str
    quantity: Decimal
    unit: str
    rate: Decimal
    amount: Decimal


class TaxRow(TypedDict):
    """One rate of tax: what it is levied on, and what it comes to."""

    label: str
    base: Decimal
    tax: Decimal


class Remittance(Paper):
    """`remittance`: what an umbrella, a company or a 1099 contractor is paid for whose work.

    Of a `subcontractor` it is the statement of what was deducted in a tax month. `self_bill`
    makes it the payee's invoice, made out by us: `legend` is what the law wants said.
    """

    kind: Literal["umbrella", "limited_company", "1099", "subcontractor"]
    to: Party
    details: list[Detail]
    lines: list[WorkLine]
    net: Decimal
    taxes: list[TaxRow]
    taken_off: NotRequired[list[Amount]]
    total: Decimal
    paid_to: NotRequired[str]
    year_to_date: NotRequired[list[Amount]]
    self_bill: NotRequired[bool]
    legend: NotRequired[str]


class RemitTo(TypedDict):
    """The account an invoice is paid into."""

    name: str
    details: list[Detail]


class Invoice(Paper):
    """`invoice`: what a client owes by worker, week and rate; with `credits`, what it need not pay.

    `details` are what the client asks to see: purchase order, cost centre, terms. When the debt is
    assigned, `assignment` is the notice, word for word, and `remit_to` names the new payee.
    """

    client: Party
    details: list[Detail]
    lines: list[WorkLine]
    net: Decimal
    taxes: list[TaxRow]
    total: Decimal
    due_on: NotRequired[date]
    remit_to: NotRequired[RemitTo]
    assignment: NotRequired[str]
    credits: NotRequired[str]
    reason: NotRequired[str]


class WorkedDay(TypedDict):
    """One day as it was worked: clock times where they were kept, hours by band."""

    on: str
    starts: NotRequired[str]
    ends: NotRequired[str]
    unpaid: NotRequired[str]
    hours: Decimal
    band: str
    note: NotRequired[str]


class Approval(TypedDict):
    """Who approved the time, when, and how we know it was them."""

    name: str
    role: NotRequired[str]
    at: datetime
    how: str


class Timesheet(Paper):
    """`timesheet`: the time a client approved, as it goes with the invoice."""

    worker: str
    client: Party
    details: list[Detail]
    days: list[WorkedDay]
    totals: list[Amount]
    hours: Decimal
    unit: NotRequired[str]
    approval: Approval


class Movement(TypedDict):
    """One line of an account: an invoice, a credit or a receipt, and the balance after it."""

    on: str
    document: str
    label: str
    due: NotRequired[str]
    amount: Decimal
    balance: Decimal


class Statement(Paper):
    """`statement`: a client's account: what was billed and paid, what is open and how old it is."""

    client: Party
    details: list[Detail]
    movements: list[Movement]
    ageing: list[Amount]
    balance: Decimal
    remit_to: NotRequired[RemitTo]


class Advance(TypedDict):
    """One invoice in a settlement: its face, what was advanced on it, or why nothing was."""

    invoice: str
    client: str
    face: Decimal
    amount: Decimal
    reason: NotRequired[str]


class Section(TypedDict):
    """A chain of amounts that ends in a total: opening, movements, closing."""

    title: str
    lines: list[Amount]
    total: Amount


class Settlement(Paper):
    """`settlement`: a week of funding between a partner (`firm`) and an agency."""

    agency: Party
    details: list[Detail]
    wire: Amount
    sections: list[Section]
    advances: list[Advance]
