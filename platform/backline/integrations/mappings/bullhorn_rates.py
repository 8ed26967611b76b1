"""Bullhorn's rates: on a placement, in a change request, on a rate card with its groups and
lines. Pay and bill have two effective dates there; where they differ nothing is applied by halves.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from backline.integrations.mappings.understanding import (
    Mapped,
    Understanding,
    key,
    key_in,
    many,
    moment,
    part,
    price,
    text,
)

ABOUT = "@"
UNITS = {
    "": "hour", "per hour": "hour", "hourly": "hour", "hour": "hour", "/hour": "hour",
    "per day": "day", "daily": "day", "day": "day",
}  # fmt: skip
EARN_CODES = {
    "reg": "regular", "regular": "regular", "ot": "overtime", "overtime": "overtime",
    "dt": "double_time", "double time": "double_time",
}  # fmt: skip
ENGAGEMENTS = {
    "w2": "w2", "w-2": "w2", "1099": "1099", "paye": "paye", "umbrella": "umbrella",
    "ltd": "limited", "limited": "limited", "limited company": "limited", "psc": "limited",
    "cis": "cis",
}  # fmt: skip
RECORDS = {
    "PlacementChangeRequest": "change",
    "PlacementRateCard": "rate_card",
    "PlacementRateCardLineGroup": "rate_card_group",
    "PlacementRateCardLine": "rate_card_line",
}


def engagement(word: str, how: Understanding) -> tuple[str, str]:
    """What an employee type means here, or a sentence that says it is not known."""
    if not word:
        return "", ""
    found = how.taken_for("engagements", word, ENGAGEMENTS)
    if found:
        return found, ""
    told = f"Bullhorn's employee type {word[:30]!r} is not known here: say what it means in"
    return "", f"{told} the source's settings, engagements."


def of_placement(
    raw: Mapping[str, Any], how: Understanding
) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """The rates that stand on a placement itself, from the day on which they hold."""
    return _stated(raw, how, "Placement")


def _stated(
    raw: Mapping[str, Any], how: Understanding, entity: str
) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """A set of rates as a placement or a change of one states it."""
    pay, bill = price(raw.get("payRate")), price(raw.get("clientBillRate"))
    if pay is None and bill is None:
        return {}, []
    unit = UNITS.get(text(raw.get("salaryUnit")).casefold())
    problems = []
    if unit is None:
        told = "The rate is neither for an hour nor for a day."
        problems.append(_problem("rate_unit_unknown", f"{told} ({entity}.salaryUnit)"))
    paid, billed = how.day(raw.get("dateEffective")), how.day(raw.get("dateClientEffective"))
    if paid != billed and paid is not None and billed is not None:
        told = (
            f"The pay rate holds from {paid} and the bill rate from {billed}: give both one day."
            f" ({entity}.dateEffective, {entity}.dateClientEffective)"
        )
        return {}, [*problems, _problem("rate_dates_differ", told)]
    rates = [_rate("regular", unit or "hour", pay, bill)]
    over = price(raw.get("overtimeRate")), price(raw.get("clientOvertimeRate"))
    if over != (None, None):
        rates.append(_rate("overtime", unit or "hour", *over))
    since = paid or billed
    return {"rates": [{"rates": rates, **({"since": since} if since else {})}]}, problems


def _rate(code: str, unit: str, pay: str | None, bill: str | None) -> dict[str, Any]:
    return {"code": code, "unit": unit, "pay_rate": pay, "bill_rate": bill}


def _problem(code: str, detail: str, pointer: str = "/rates") -> dict[str, str]:
    return {"pointer": pointer, "code": code, "detail": detail}


# --- change requests -----------------------------------------------------------------------------


def _change(raw: Mapping[str, Any], how: Understanding) -> list[Mapped]:
    """A change request: rates, an end, or another engagement, by what was asked for."""
    kind = text(raw.get("requestType")).casefold()
    is_end = any(word in kind for word in ("stop", "terminat", "end", "exten", "finish"))
    is_rate = "rate" in kind or "pay" in kind or "bill" in kind
    body: dict[str, Any] = {"is_approved": _is_approved(raw)}
    problems: list[dict[str, str]] = []
    if not is_end:
        rates, problems = _stated(raw, how, "PlacementChangeRequest")
        body |= rates
    if is_end or not is_rate:
        last = how.day(raw.get("dateEnd"))
        body |= {"ends_on": last} if last else {}
        if is_end and not last:
            told = "It ends, and no last day is given. (PlacementChangeRequest.dateEnd)"
            problems.append(_problem("required", told, "/ends_on"))
    if not is_end and not is_rate:
        found, problem = engagement(text(raw.get("employeeType")), how)
        since = how.day(raw.get("dateEffective"))
        body |= {"engagement": found, "engagement_since": since} if found and since else {}
        if problem:
            problems.append(_problem("engagement_unknown", problem, "/engagement"))
    placement = key_in(raw, "placement")
    if not placement:
        told = "It names no placement. (PlacementChangeRequest.placement)"
        problems.append(_problem("required", told, "/placement"))
    return [_made("PlacementChangeRequest", raw, body, placement, problems)]


def _is_approved(raw: Mapping[str, Any]) -> bool:
    return text(raw.get("requestStatus")).casefold().startswith("approved")


def _made(
    entity: str,
    raw: Mapping[str, Any],
    body: dict[str, Any],
    parent: str,
    problems: Sequence[Mapping[str, str]] = (),
) -> Mapped:
    if raw.get("isDeleted") is True:
        body = {"is_deleted": True}
    else:
        body[ABOUT] = {"entity": entity, "is_part": True, "problems": list(problems)}
    told = next(
        (each for name in ("dateLastModified", "dateApproved", "dateAdded")
         if (each := moment(raw.get(name)))),
        None,
    )  # fmt: skip
    return Mapped(RECORDS[entity], key(raw.get("id")), body, told, parent)


# --- rate cards ----------------------------------------------------------------------------------


def _card(raw: Mapping[str, Any], how: Understanding) -> list[Mapped]:
    placement = key_in(raw, "placement")
    body = {"since": how.day(raw.get("effectiveDate")), "version": key(raw.get("versionID"))}
    problems = []
    if not placement:
        told = "It names no placement. (PlacementRateCard.placement)"
        problems.append(_problem("required", told, "/placement"))
    if not body["since"]:
        told = "It has no first day. (PlacementRateCard.effectiveDate)"
        problems.append(_problem("required", told, "/since"))
    made = _made("PlacementRateCard", raw, dict(body), placement, problems)
    groups = many(raw, "placementRateCardLineGroups")
    return [made, *_inside(groups, how, made.external_id)]


def _inside(groups: Sequence[Mapping[str, Any]], how: Understanding, card: str) -> Iterator[Mapped]:
    for group in groups:
        if key(group.get("id")):
            yield from _group(group, how, card)


def _group(raw: Mapping[str, Any], how: Understanding, card: str = "") -> list[Mapped]:
    version = key_in(raw, "placementRateCardVersion")
    parent = key_in(raw, "placementRateCard") or card or (f"version:{version}" if version else "")
    problems = []
    if not parent:
        told = "It names no rate card. (PlacementRateCardLineGroup.placementRateCard)"
        problems.append(_problem("required", told, "/rate_card"))
    body = {"is_base": raw.get("isBase") is True}
    made = _made("PlacementRateCardLineGroup", raw, body, parent, problems)
    lines = [each for each in many(raw, "placementRateCardLines") if key(each.get("id"))]
    return [made, *(each for line in lines for each in _line(line, how, made.external_id))]


def _line(raw: Mapping[str, Any], how: Understanding, group: str = "") -> list[Mapped]:
    parent = key_in(raw, "placementRateCardLineGroup") or group
    earned = part(raw, "earnCode")
    words = (text(earned.get("externalID")), text(earned.get("code")), text(raw.get("alias")))
    problems = []
    code = next((found for word in words if (found := _code(word, how))), "")
    code = code or _plain(next((word for word in words if word), ""))
    if not code:
        told = "It names no earn code. (PlacementRateCardLine.earnCode)"
        problems.append(_problem("required", told, "/code"))
    if not parent:
        told = "It belongs to no group. (PlacementRateCardLine.placementRateCardLineGroup)"
        problems.append(_problem("required", told, "/group"))
    pay, bill = _money(raw, "pay"), _money(raw, "bill")
    if pay is None and bill is None:
        told = "It pays nothing and bills nothing. (PlacementRateCardLine.payRate, billRate)"
        problems.append(_problem("required", told))
    body = {"code": code, "unit": "hour", "pay_rate": pay, "bill_rate": bill}
    made = _made("PlacementRateCardLine", raw, body, parent, problems)
    return [made]


def _code(word: str, how: Understanding) -> str:
    return how.taken_for("earn_codes", word, EARN_CODES)


def _plain(word: str) -> str:
    return "_".join(word.casefold().split())[:20]


def _money(raw: Mapping[str, Any], side: str) -> Any:
    found = price(raw.get(f"{side}Rate"))
    currency = text(part(raw, f"{side}CurrencyUnit").get("alphabeticCode")).upper()
    if found is None or not currency:
        return found
    return {"amount": found, "currency": currency}


def _version(raw: Mapping[str, Any], how: Understanding) -> list[Mapped]:
    name = key(raw.get("id"))
    told = Mapped("", name, note="The rate card itself says what this version says; it is kept.")
    return [told, *_inside(many(raw, "placementRateCardLineGroups"), how, f"version:{name}")]


ENTITIES: dict[str, Callable[[Mapping[str, Any], Understanding], list[Mapped]]] = {
    "PlacementChangeRequest": _change,
    "PlacementRateCard": _card,
    "PlacementRateCardLineGroup": _group,
    "PlacementRateCardLine": _line,
    "PlacementRateCardVersion": _version,
}
