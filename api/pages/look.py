"""Look: what pages show and HTML has no word for: tones of states, amounts, small charts as SVG.

Every function is pure. Charts are drawn here and not in the browser: they print, they go by mail,
a screen reader says what they show, and the page needs no script for them. They carry classes and
no colours, so the one stylesheet rules them in light and dark.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from backline.kernel.papers.wording import MINUS, figure

SIGNS = {"GBP": "£", "USD": "$", "EUR": "€"}
TENTH = Decimal("0.1")
ROOM = 100  # what one column of a bar chart takes before it is stretched

GOOD = "approved released paid finalised sent matched active resolved cleared succeeded settled"
WAIT = "submitted with_client parked overdue expiring part_paid due pending waiting queried"
BAD = "rejected disputed blocked failed returned refused expired missing charged_back"
BUSY = "running calculating calculated open in_progress drafted delivering"
TONES = {
    status: tone
    for tone, statuses in (("good", GOOD), ("wait", WAIT), ("bad", BAD), ("busy", BUSY))
    for status in statuses.split()
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a bar chart: what stands under it, how high its bars are, what it says."""

    label: str
    heights: tuple[Decimal, ...]
    says: str = ""


def tone(status: str) -> str:
    """Say how a state feels: good, wait, bad, busy, or plain for any other."""
    return TONES.get(status, "plain")


def chip(status: str, label: str = "") -> dict[str, str]:
    """Give `parts/chip.html` what it shows: a word and a tone, never a colour alone."""
    return {"label": label or status.replace("_", " ").capitalize(), "tone": tone(status)}


def table(
    caption: str,
    columns: Sequence[tuple[str, bool]],
    rows: Sequence[Sequence[str | dict[str, Any]]],
    total: Sequence[str] = (),
) -> dict[str, Any]:
    """Give `parts/table.html` what it shows: columns are a label and whether they hold figures."""

    def cells(row: Sequence[str | dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            {"label": label, "is_figure": is_figure}
            | (cell if isinstance(cell, dict) else {"text": cell})
            for cell, (label, is_figure) in zip(row, columns, strict=True)
        ]

    return {
        "caption": caption,
        "columns": [{"label": label, "is_figure": is_figure} for label, is_figure in columns],
        "rows": [{"cells": cells(row)} for row in rows],
        "total": cells(total) if total else [],
    }


def money(amount: Decimal, currency: str) -> str:
    """Write an amount with its currency's sign, the minus before both."""
    sign = SIGNS.get(currency, f"{currency} ")
    return f"{MINUS if amount < 0 else ''}{sign}{figure(abs(amount))}"


def rounded_money(amount: Decimal, currency: str) -> str:
    """Write an amount in whole pounds or dollars, for boards that are glanced at."""
    return money(amount.quantize(Decimal(1)), currency).removesuffix(".00")


def share(part: Decimal, whole: Decimal, *, says: str) -> SafeString:
    """Draw how much of a limit is used; over the limit it is full and says so by its class."""
    used = min(max(part / whole, Decimal(0)), Decimal(1)) if whole > 0 else Decimal(0)
    return format_html(
        '<svg class="chart" width="96" height="6" viewBox="0 0 96 6" role="img" aria-label="{}">'
        '<rect class="track" width="96" height="6" rx="3"></rect>'
        '<rect class="{}" width="{}" height="6" rx="3"></rect></svg>',
        says,
        "full" if part > whole else "a",
        _tenth(96 * used),
    )


def sparkline(values: Sequence[Decimal], *, says: str) -> SafeString:
    """Draw a row of values as one small line with a dot on the last; nothing for fewer than two."""
    if len(values) < 2:
        return SafeString()
    width, height, room = 88, 22, 3
    low, high = min(values), max(values)
    span = high - low or Decimal(1)
    step = Decimal(width - 2 * room) / (len(values) - 1)
    points = [
        (
            _tenth(room + step * n),
            _tenth(height - room - (value - low) / span * (height - 2 * room)),
        )
        for n, value in enumerate(values)
    ]
    return format_html(
        '<svg class="chart" width="{w}" height="{h}" viewBox="0 0 {w} {h}"'
        ' role="img" aria-label="{says}">'
        '<polyline class="line" points="{points}"></polyline>'
        '<circle class="dot" cx="{x}" cy="{y}" r="2.5"></circle></svg>',
        w=width,
        h=height,
        says=says,
        points=" ".join(f"{x},{y}" for x, y in points),
        x=points[-1][0],
        y=points[-1][1],
    )


def bars(columns: Sequence[Column], *, says: str, limit: Decimal | None = None) -> SafeString:
    """Draw columns of one or two bars side by side, and a line across where a limit lies.

    The drawing stretches to the room it gets; the words below it do not.
    """
    if not columns:
        return SafeString()
    height = 150
    tallest = max([*(h for column in columns for h in column.heights), limit or Decimal(0)])
    scale = (height - 2) / (tallest or Decimal(1))
    drawn = format_html_join(
        "", "{}", ((_column(column, n, scale, height),) for n, column in enumerate(columns))
    )
    words = format_html_join("", "<li>{}</li>", ((column.label,) for column in columns))
    return format_html(
        '<div class="bars"><svg class="chart" viewBox="0 0 {w} {h}" preserveAspectRatio="none"'
        ' role="img" aria-label="{says}">{drawn}{limit}</svg>'
        '<ol aria-hidden="true">{words}</ol></div>',
        w=len(columns) * ROOM,
        h=height,
        says=says,
        drawn=drawn,
        limit=_limit(limit, height - (limit or 0) * scale, len(columns) * ROOM),
        words=words,
    )


def _column(column: Column, n: int, scale: Decimal, base: int) -> SafeString:
    thick = Decimal(26)
    start = n * ROOM + (ROOM - (thick + 3) * len(column.heights) + 3) / 2
    rects = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"></rect>',
        (
            (
                "ab"[side % 2],
                _tenth(start + side * (thick + 3)),
                _tenth(base - height * scale),
                thick,
                _tenth(height * scale),
            )
            for side, height in enumerate(column.heights)
        ),
    )
    return format_html("<g><title>{}</title>{}</g>", column.says or column.label, rects)


def _limit(limit: Decimal | None, y: Decimal, width: int) -> SafeString:
    if limit is None:
        return SafeString()
    return format_html(
        '<line class="limit" x1="0" x2="{}" y1="{y}" y2="{y}"></line>', width, y=_tenth(y)
    )


def _tenth(length: Decimal) -> str:
    return f"{length.quantize(TENTH)}"
