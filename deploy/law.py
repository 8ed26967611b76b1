"""law: write platform/rulebook/packs/README.md anew from the figures that the packs hold."""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from rulebook.timeline import Figure, Rules

PACKS = Path(__file__).resolve().parent.parent / "platform" / "rulebook" / "packs"
FILE = PACKS / "README.md"
STATE = 2  # letters in the name of a state
SURE = {"verified": "verified", "single_source": "one source", "recalled": "recalled"}
NONE = "·"
COLUMNS = ("what", "rule", "from", "until", "how sure", "publication")

HEAD = """# The law that is held

Every figure that a payslip, a bill or a deadline is worked out with, by jurisdiction: the day it
holds from, the first day it no longer covers, how sure it is and which publication it comes from.
`rule` is what a payslip names when it says why. A day that no row covers is refused; last year's
figure is never used in its place.

`python3 manage.py law` writes this page from `packs/{gb,us}/parameters`; a test compares the two.

| how sure | what that means | figures |
| --- | --- | --- |
| verified | two sources agree, or the authority's printed example comes out | {verified} |
| one source | one transcription, not compared with a second | {single_source} |
| recalled | from knowledge of the rule: compare before relying on it | {recalled} |
"""
UNCOVERED = """## What is not covered

| where | what | what happens then |
| --- | --- | --- |
"""


def main(words: Sequence[str]) -> int:
    """Write the page, or with --check say whether it is what the figures say."""
    if "--check" in words:
        if FILE.read_text("utf-8") != written():
            sys.stderr.write(f"{FILE.name} is not what the figures say: python3 manage.py law\n")
            return 1
        return 0
    FILE.write_text(written(), "utf-8")
    sys.stdout.write(f"{FILE.relative_to(PACKS.parents[2])}: {FILE.stat().st_size} bytes\n")
    return 0


def written() -> str:
    """The whole page; LookupError where a rule has no place on it."""
    return "\n".join([*_head(), *_united_kingdom(), *_united_states(), *_not_covered()]) + "\n"


@cache
def _rules(country: str) -> Rules:
    return Rules.read(PACKS / country / "parameters", country)


@cache
def _told(country: str) -> Mapping[str, Any]:
    return tomllib.loads((PACKS / country / "coverage.toml").read_text("utf-8"))


def _head() -> Iterator[str]:
    sure = Counter(
        figure.confidence
        for country in ("gb", "us")
        for timeline in _rules(country).values()
        for figure in timeline.figures
    )
    text = HEAD.replace("{gb,us}", "\0")
    yield text.format(**sure).replace("\0", "{gb,us}")


# --- the United Kingdom ---------------------------------------------------------------------------


def _united_kingdom() -> Iterator[str]:
    told = _told("gb")
    _must_name_all("gb", _rules("gb"))
    yield "## The United Kingdom\n"
    yield "All that is not named here is the same in the four nations.\n"
    columns, rows = told["nations"]["columns"], told["nations"]["rows"]
    yield from _table(["nation", *columns], ([row[0], *map(_surest, row[1:])] for row in rows))
    yield from _groups("gb")


def _surest(rule: str) -> str:
    """How sure the last figure of a British rule is."""
    return _sure(_rules("gb")[f"gb.{rule}"].figures[-1:]) if rule else NONE


# --- the United States ----------------------------------------------------------------------------


def _united_states() -> Iterator[str]:
    held = _rules("us")
    _must_name_all("us", [name for name in held if not _is_a_states(name)])
    yield "## The United States\n"
    yield from _groups("us")
    yield from _states()
    yield from _localities()
    yield "### Every figure of the states\n"
    yield from _table(
        ["state", *COLUMNS],
        ([state, *row] for state in _codes() for row in _figures_of(state)),
    )


def _is_a_states(name: str) -> bool:
    part = name.split(".")[1]
    return len(part) == STATE and part.isupper()


@cache
def _codes() -> tuple[str, ...]:
    names = {name.split(".")[1] for name in _rules("us") if _is_a_states(name)}
    return tuple(sorted(names))


def _states() -> Iterator[str]:
    """The states side by side: how sure each of their rules is."""
    yield "### The states and the District of Columbia\n"
    yield "A state without overtime of its own has the federal week of 40 hours.\n"
    yield from _table(
        ["", "state", "income tax", "unemployment base", "programmes", "minimum wage", "overtime"],
        map(_state, _codes()),
    )


def _state(code: str) -> Iterable[str]:
    held = _rules("us")
    tax = held[f"us.{code}.withholding"].figures
    value: Any = tax[-1].value
    yield code
    yield value["name"]
    yield "no tax on wages" if value["method"] == "none" else _sure(tax)
    yield _sure(held[f"us.{code}.sui"].figures)
    yield _programmes(code)
    yield _sure(held[f"us.{code}.minimum_wage"].figures)
    overtime = held.get(f"us.{code}.overtime")
    yield _sure(overtime.figures) if overtime else NONE


def _programmes(code: str) -> str:
    timeline = _rules("us").get(f"us.{code}.programmes")
    if timeline is None:
        return NONE
    funds: Any = timeline.figures[-1].value
    labels = dict.fromkeys(fund["label"].removesuffix(", employer") for fund in funds)
    return f"{', '.join(labels)}: {_sure(timeline.figures)}"


def _localities() -> Iterator[str]:
    yield "### Cities and counties\n"
    rows = []
    for place in _told("us")["locality"]:
        timeline = _rules("us")[f"us.{place['rule']}"] if "rule" in place else None
        whose = _sure(timeline.figures) if timeline else "the rates are the firm's own"
        rows.append([place["where"], place["what"], whose])
    yield from _table(["where", "what", "how sure"], rows)


def _figures_of(state: str) -> Iterator[list[str]]:
    titles = _told("us")["states"]
    for name, timeline in _rules("us").items():
        if name.startswith(f"us.{state}."):
            yield from (
                [titles[name.removeprefix(f"us.{state}.")], *_row(one)] for one in timeline.figures
            )


# --- what both have -------------------------------------------------------------------------------


def _must_name_all(country: str, held: Iterable[str]) -> None:
    """Each rule stands in one group, and each name of a group is a rule."""
    named = [f"{country}.{rule}" for group in _told(country)["group"] for rule, _ in group["rules"]]
    odd = set(named) ^ set(held)
    if odd or len(named) != len(set(named)):
        raise LookupError(f"name each rule once in packs/{country}/coverage.toml: {sorted(odd)}")


def _groups(country: str) -> Iterator[str]:
    for group in _told(country)["group"]:
        yield f"### {group['title']}\n"
        yield from _table(
            COLUMNS,
            (
                [title, *_row(figure)]
                for rule, title in group["rules"]
                for figure in _rules(country)[f"{country}.{rule}"].figures
            ),
        )


def _not_covered() -> Iterator[str]:
    gaps = [gap for country in ("gb", "us") for gap in _told(country)["gap"]]
    yield UNCOVERED + "\n".join(
        f"| {gap['where']} | {gap['what']} | {gap['instead']} |" for gap in gaps
    )


def _row(figure: Figure) -> list[str]:
    until = figure.until.isoformat() if figure.until else NONE
    sure = SURE[figure.confidence]
    return [f"`{figure.rule}`", figure.since.isoformat(), until, sure, figure.source]


def _sure(figures: Sequence[Figure]) -> str:
    """How sure these figures are; of several days, each that differs."""
    return ", ".join(dict.fromkeys(SURE[figure.confidence] for figure in figures))


def _table(columns: Sequence[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    lines = [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    yield "\n".join(lines) + "\n"
