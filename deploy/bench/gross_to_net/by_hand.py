"""The floor: the same payslips as somebody would write them by hand for these workers alone.

Decimal arithmetic with the figures of 2026 as constants, no rules looked up, nothing checked,
nothing said: the amount of every line in its order, and the year to date after it. The row does
not run unless both agree with ours to the penny.
"""

from collections.abc import Iterable
from datetime import date
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_UP,
    Decimal,
)
from typing import Any

from rulebook.pack import Situation

D = Decimal
Paid = tuple[list[D], dict[str, D]]
NIL, ONE, CENT, POUND, MIL = D("0.00"), D(1), D("0.01"), D(1), D("0.001")

# --- Britain --------------------------------------------------------------------------------------

NI = {"weekly": (D(129), D(242), D(967), D(96)), "monthly": (D(559), D(1048), D(4189), D(417))}
PENSION = {"weekly": (D(192), D(120), D(967)), "monthly": (D(833), D(520), D(4189))}
LOAN = {
    (plan, paid): (D(year) * 1 / parts).quantize(CENT, ROUND_DOWN)
    for plan, year in (("plan_1", 26900), ("plan_2", 29385), ("plan_5", 25000))
    for paid, parts in (("weekly", 52), ("monthly", 12))
}
UK = ((37700, "0.20"), (125140, "0.40"), (0, "0.45"))
SCOTLAND = (
    (3967, "0.19"), (16956, "0.20"), (31092, "0.21"), (62430, "0.42"), (125140, "0.45"),
    (0, "0.48"),
)  # fmt: skip
FIVE, THREE, EIGHTY, EIGHT, TWO, FIFTEEN, NINE, HALF = (
    D("0.05"), D("0.03"), D("0.80"), D("0.08"), D("0.02"), D("0.15"), D("0.09"), D("0.50"),
)  # fmt: skip
Table = tuple[bool, D, list[tuple[D | None, D, D, D]]]


def code_table(code: str, *, number: int, base: int) -> Table:
    """Whether a code taxes each payment by itself, its free pay and its bands, made once a code."""
    alone = code.endswith("M1")
    code = code.removesuffix(" W1/M1")
    if code == "BR":
        return False, NIL, [(None, D(0), D(0), D("0.20"))]
    number = 1 if alone else number
    rows = SCOTLAND if code[0] == "S" else UK
    digits = int("".join(one for one in code if one.isdigit()))
    whole, rest = divmod(digits - 1, 500) if digits else (0, -1)
    worth = D("96.16") if base == 52 else D("416.67")
    free = (D((rest + 1) * 10 + 9) / base).quantize(CENT, ROUND_CEILING) + whole * worth
    free = NIL if not digits else free * number
    four, since, tax = D("0.0001"), D(0), D(0)
    bands: list[tuple[D | None, D, D, D]] = []
    for ends, rate in rows:
        low = (since * number / base).quantize(four, ROUND_DOWN)
        owed = (tax * number / base).quantize(four, ROUND_DOWN)
        top = -(-(D(ends) * number / base).quantize(four, ROUND_DOWN)).quantize(POUND, ROUND_FLOOR)
        bands.append((top if ends else None, low, owed, D(rate)))
        since, tax = D(ends), tax + (D(ends) - since) * D(rate)
    return alone, -free if code[0] == "K" else free, bands


def british(slip: Situation, tables: dict[tuple[str, str], Table]) -> Paid:
    """One British payslip."""
    told: Any = slip.elections
    had, paid = slip.year_to_date, slip.frequency
    amounts, carried = [one.amount for one in slip.earnings], dict(had)
    pay = sum(amounts, NIL)
    carried["gb.pay"] = carried.get("gb.pay", NIL) + pay
    net = pay - pension(slip, told, pay, amounts, carried)
    alone, free, bands = tables[told["tax_code"], paid]
    before, taxed = had.get("gb.taxable", NIL), had.get("gb.tax", NIL)
    taxable, tax = (pay if alone else before + pay) - free, NIL
    if taxable > 0:
        for ends, since, owed, rate in bands:
            if ends is None or taxable <= ends:
                whole = taxable.quantize(POUND, ROUND_FLOOR)
                tax = (owed + (whole - since) * rate).quantize(CENT, ROUND_DOWN)
                break
    tax = min(tax if alone else tax - taxed, (pay * HALF).quantize(CENT, ROUND_DOWN))
    amounts.append(tax)
    carried["gb.taxable"], carried["gb.tax"] = before + pay, taxed + tax
    net -= tax + insurance(paid, pay, amounts, carried)
    plan = told.get("student_loan")
    if plan:
        over = pay - LOAN[plan, paid]
        due = (over * NINE).quantize(POUND, ROUND_FLOOR).quantize(CENT) if over > 0 else NIL
        amounts.append(due)
        net -= due
        if due:
            carried["gb.student_loan"] = carried.get("gb.student_loan", NIL) + due
    for one in slip.deductions:
        amounts.append(min(one.amount, net))
        net -= amounts[-1]
    return amounts, carried


def pension(slip: Situation, told: Any, pay: D, amounts: list[D], carried: dict[str, D]) -> D:
    """Enrol who must be, and take the worker's share."""
    own = told.get("pension")
    state = own["state"] if own else "assess"
    trigger, lower, upper = PENSION[slip.frequency]
    if state == "opted_out":
        return NIL
    if state == "assess":
        amounts.append(NIL)
        born, on = slip.worker_born_on or date.max, slip.pay_on
        age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
        if not 22 <= age < 66 or pay < trigger:
            return NIL
        carried["gb.pension.enrolled"] = ONE
    counted = min(pay, upper) - lower
    if counted <= 0:
        return NIL
    from_pay = ((counted * FIVE).quantize(CENT, ROUND_HALF_UP) * EIGHTY).quantize(
        CENT, ROUND_HALF_UP
    )
    employer = (counted * THREE).quantize(CENT, ROUND_HALF_UP)
    amounts += (from_pay, employer)
    carried["gb.pension.worker"] = carried.get("gb.pension.worker", NIL) + from_pay
    carried["gb.pension.employer"] = carried.get("gb.pension.employer", NIL) + employer
    return from_pay


def insurance(paid: str, pay: D, amounts: list[D], carried: dict[str, D]) -> D:
    """National Insurance of letter A, band by band, as HMRC rounds it."""
    lel, pt, uel, st = NI[paid]
    worker = employer = at_lel = to_pt = to_uel = NIL
    top = min(pay, uel)
    if pay > pt:
        worker = third((top - pt) * EIGHT)
        if pay > uel:
            worker += third((pay - uel) * TWO)
    if pay > st:
        employer = third((top - st) * FIFTEEN)
        if pay > uel:
            employer += third((pay - uel) * FIFTEEN)
    if pay >= lel:
        at_lel, to_pt, to_uel = lel, min(pay, pt) - lel, max(top - pt, NIL)
    amounts += (worker, employer)
    for key, amount in (
        ("gb.ni.A.earnings", pay), ("gb.ni.A.at_lel", at_lel), ("gb.ni.A.to_pt", to_pt),
        ("gb.ni.A.to_uel", to_uel), ("gb.ni.A.worker", worker), ("gb.ni.A.employer", employer),
    ):  # fmt: skip
        carried[key] = carried.get(key, NIL) + amount
    return worker


def third(amount: D) -> D:
    """HMRC's rounding of National Insurance."""
    return amount.quantize(MIL, ROUND_DOWN).quantize(CENT, ROUND_HALF_DOWN)


# --- the United States ----------------------------------------------------------------------------

FEDERAL = {
    "married_jointly": (
        (D(12900), ((D(788000), D("206583.50"), D("0.37")), (D(531750), D(116896), D("0.35")),
         (D(422850), D(82048), D("0.32")), (D(230700), D(35932), D("0.24")),
         (D(120100), D(11600), D("0.22")), (D(44100), D(2480), D("0.12")),
         (D(19300), D(0), D("0.10"))))
    ),
    "single": (
        (D(8600), ((D(648100), D("192979.25"), D("0.37")), (D(263725), D(58448), D("0.35")),
         (D(209275), D(41024), D("0.32")), (D(113200), D(17966), D("0.24")),
         (D(57900), D(5800), D("0.22")), (D(19900), D(1240), D("0.12")),
         (D(7500), D(0), D("0.10"))))
    ),
    "head_of_household": (
        (D(8600), ((D(656150), D("191171"), D("0.37")), (D(271750), D(56631), D("0.35")),
         (D(217300), D(39207), D("0.32")), (D(121250), D(16155), D("0.24")),
         (D(83000), D(7740), D("0.22")), (D(33250), D(1770), D("0.12")),
         (D(15550), D(0), D("0.10"))))
    ),
}  # fmt: skip
PAYS = {"weekly": D(52), "biweekly": D(26)}
STATE = {"IL": (D("0.0495"), D(2925)), "PA": (D("0.0307"), None)}
SUTA = {
    "TX": (D("0.027"), D(9000)), "FL": (D("0.0105"), D(7000)), "IL": (D("0.0325"), D(14250)),
    "PA": (D("0.038"), D(10000)),
}  # fmt: skip
SS, SS_BASE, SS_MOST, MEDICARE, MORE, MORE_OVER = (
    D("0.062"), D(184500), D(11439), D("0.0145"), D("0.009"), D(200000),
)  # fmt: skip
FUTA, FUTA_BASE, FLAT, UC = D("0.006"), D(7000), D("0.22"), D("0.0007")


def american(slip: Situation) -> Paid:
    """One American payslip."""
    had, place = slip.year_to_date, slip.earnings[0].place
    amounts, carried = [one.amount for one in slip.earnings], dict(had)
    bonus = sum((one.amount for one in slip.earnings if one.kind == "bonus"), NIL)
    pay = sum(amounts, NIL)
    deferred = insured = NIL
    for one in slip.deductions:
        amounts.append(one.amount)
        if one.treatment == "401k":
            deferred += one.amount
            carried["us.401k"] = carried.get("us.401k", NIL) + one.amount
        else:
            insured += one.amount
    carried["us.gross"] = carried.get("us.gross", NIL) + pay
    regular, fica = pay - bonus - deferred - insured, pay - insured
    form: Any = slip.elections["w4"]
    tax = federal(form, regular, PAYS[slip.frequency])
    amounts.append(tax)
    if bonus:
        flat = (bonus * FLAT).quantize(CENT, ROUND_HALF_UP)
        amounts.append(flat)
        tax += flat
        carried["us.supplemental.wages"] = carried.get("us.supplemental.wages", NIL) + bonus
    add(carried, "us.fit.wages", regular + bonus)
    add(carried, "us.fit", tax)
    contributions(had, fica, amounts, carried)
    state(slip, place, (pay, regular, bonus, deferred), amounts, carried)
    rate, base = SUTA[place]
    key = f"us.sui.{place}"
    levy(key, fica, (rate, base), had, (amounts, carried))
    if place == "PA":
        amount = (fica * UC).quantize(CENT, ROUND_HALF_UP)
        amounts.append(amount)
        add(carried, "us.uc.PA", amount)
        add(carried, "us.uc.PA.wages", fica)
    return amounts, carried


def federal(form: Any, wages: D, pays: D) -> D:
    """Federal income tax by the percentage method."""
    off, rows = FEDERAL[form["status"]]
    annual, tax = wages * pays - off, NIL
    for since, owed, rate in rows:
        if annual >= since:
            tax = ((owed + rate * (annual - since)) / pays).quantize(CENT, ROUND_HALF_UP)
            break
    dependents, extra = form.get("dependents"), form.get("extra")
    if dependents:
        tax = max(tax - (D(dependents) / pays).quantize(CENT, ROUND_HALF_UP), NIL)
    return tax + D(extra) if extra else tax


def contributions(had: Any, wages: D, amounts: list[D], carried: dict[str, D]) -> None:
    """Social Security, Medicare and federal unemployment."""
    before = had.get("us.ss.wages", NIL)
    base = max(min(wages, SS_BASE - before), NIL)
    for code in ("us.ss", "us.ss.employer"):
        amount = (base * SS).quantize(CENT, ROUND_HALF_UP)
        if base and before + base == SS_BASE and code in had:
            left = SS_MOST - had[code]
            amount = left if abs(left - amount) < 1 and left >= 0 else amount
        amounts.append(amount)
        add(carried, code, amount)
    add(carried, "us.ss.wages", base)
    amount = (wages * MEDICARE).quantize(CENT, ROUND_HALF_UP)
    amounts += (amount, amount)
    add(carried, "us.medicare", amount)
    add(carried, "us.medicare.employer", amount)
    over = had.get("us.medicare.wages", NIL) + wages - MORE_OVER
    if over > 0:
        amount = (min(over, wages) * MORE).quantize(CENT, ROUND_HALF_UP)
        amounts.append(amount)
        add(carried, "us.medicare.additional", amount)
    add(carried, "us.medicare.wages", wages)
    levy("us.futa", wages, (FUTA, FUTA_BASE), had, (amounts, carried))


def levy(key: str, wages: D, terms: tuple[D, D], had: Any, paid: Paid) -> None:
    """One rate on wages up to a limit of the year."""
    (rate, most), (amounts, carried), wages_key = terms, paid, f"{key}.wages"
    base = max(min(wages, most - had.get(wages_key, NIL)), NIL)
    amount = (base * rate).quantize(CENT, ROUND_HALF_UP)
    amounts.append(amount)
    add(carried, key, amount)
    add(carried, wages_key, base)


def state(
    slip: Situation, place: str, earned: tuple[D, D, D, D], amounts: list[D], carried: dict[str, D]
) -> None:
    """State income tax of Illinois and Pennsylvania."""
    if place not in STATE:
        return
    (rate, each), (_, regular, bonus, deferred) = STATE[place], earned
    key, wages, tax, flat = f"us.sit.{place}", regular, NIL, NIL
    if each is None:
        wages = base = regular + bonus + deferred
    else:
        claims: Any = slip.elections.get("states")
        count = claims[place]["allowances"] if claims else 0
        off = (each * count / PAYS[slip.frequency]).quantize(CENT, ROUND_HALF_UP)
        base = max(wages - off, NIL)
        if bonus:
            flat = (bonus * rate).quantize(CENT, ROUND_HALF_UP)
            amounts.append(flat)
            wages += bonus
    tax = (base * rate).quantize(CENT, ROUND_HALF_UP)
    amounts.append(tax)
    add(carried, f"{key}.wages", wages)
    add(carried, key, tax + flat)


def add(carried: dict[str, D], key: str, amount: D) -> None:
    """Add to a year-to-date figure."""
    if amount:
        carried[key] = carried.get(key, NIL) + amount


def run(slips: Iterable[Situation]) -> list[Paid]:
    """The loop."""
    tables = {
        (code, paid): code_table(code, number=number, base=base)
        for code in ("1257L", "S1257L", "C1257L", "BR", "K45", "1257L W1/M1", "0T W1/M1")
        for paid, number, base in (("weekly", 13, 52), ("monthly", 3, 12))
    }
    return [british(slip, tables) if slip.country == "GB" else american(slip) for slip in slips]
