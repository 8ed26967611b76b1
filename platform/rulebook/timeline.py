"""Timeline: a figure in force from a day, with the publication it comes from; read from TOML."""

import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path


class NoRule(LookupError):
    """The law for that day is not held; nothing is guessed. `rule` and `day` say what is
    missing.
    """

    def __init__(self, rule: str, day: date) -> None:
        self.rule, self.day = rule, day
        super().__init__(f"No figure is held for {rule} on {day.isoformat()}.")


@dataclass(frozen=True, slots=True)
class Figure:
    """One value of a rule: since when, until when (None: open), what, from where, how sure."""

    rule: str
    since: date
    until: date | None
    value: object
    source: str
    confidence: str

    @property
    def version(self) -> str:
        """The rule and its first day, as stored beside every amount made with it."""
        return f"{self.rule}@{self.since.isoformat()}"


class Timeline:
    """The figures of one rule in the order of their days."""

    __slots__ = ("_days", "figures", "rule")

    def __init__(self, rule: str, figures: tuple[Figure, ...]) -> None:
        self.rule = rule
        self.figures = tuple(sorted(figures, key=lambda figure: figure.since))
        self._days = [figure.since for figure in self.figures]

    def on(self, day: date) -> Figure:
        """The figure in force on a day; NoRule when the law for that day is not held."""
        n = bisect_right(self._days, day) - 1
        if n < 0:
            raise NoRule(self.rule, day)
        figure = self.figures[n]
        if figure.until is not None and day >= figure.until:
            raise NoRule(self.rule, day)
        return figure


class Rules(Mapping[str, Timeline]):
    """Every rule of one folder of parameter files, by its dotted name."""

    def __init__(self, timelines: dict[str, Timeline]) -> None:
        self._timelines = timelines

    @classmethod
    def read(cls, folder: Path, prefix: str) -> "Rules":
        """Read all TOML files of a folder: `[[rule]]` tables with id, from, value, source,
        confidence.

        `until` (the first day no longer covered) is optional. Numbers are written as strings and
        read as Decimals; days, lists and tables keep their shape.
        """
        rows: dict[str, list[Figure]] = {}
        for path in sorted(folder.glob("**/*.toml")):
            for row in tomllib.loads(path.read_text("utf-8"))["rule"]:
                name = f"{prefix}.{row['id']}"
                rows.setdefault(name, []).append(
                    Figure(
                        name,
                        row["from"],
                        row.get("until"),
                        exact(row["value"]),
                        row["source"],
                        row["confidence"],
                    )
                )
        return cls({name: Timeline(name, tuple(figures)) for name, figures in rows.items()})

    def __getitem__(self, rule: str) -> Timeline:
        return self._timelines[rule]

    def __iter__(self) -> Iterator[str]:
        return iter(self._timelines)

    def __len__(self) -> int:
        return len(self._timelines)


def exact(value: object) -> object:
    """Turn strings that are numbers into Decimals, all the way down; a float raises TypeError."""
    if isinstance(value, float):
        raise TypeError("a figure is written as a string, so that it stays exact")
    if isinstance(value, str):
        number = value.removeprefix("-").replace(".", "", 1)
        return Decimal(value) if number.isdecimal() and number.isascii() else value
    if isinstance(value, list):
        return tuple(exact(item) for item in value)
    if isinstance(value, dict):
        return {key: exact(item) for key, item in value.items()}
    return value
