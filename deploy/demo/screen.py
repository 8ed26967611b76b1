"""What is shown while the demo plays: a line an agency on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table


class Screen:
    """Shows progress; several agencies may speak at once."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        if not self.console.is_terminal:
            self.console.width = 140  # a log is not folded
        self.began = time.monotonic()
        self._rows: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()
        self._live: Live | None = None

    def say(self, head: str, text: str) -> None:
        """One finished thing, with the seconds since the beginning."""
        self.console.print(f"[bold]{head:<11}[/bold] {text}  [dim]{self.seconds:.1f} s[/dim]")

    def step(self, agency: str, text: str) -> None:
        """What one agency is doing now."""
        with self._lock:
            self._rows[agency] = (text, self.seconds)
            if self._live is not None:
                self._live.update(self._table())
                return
        self.say(agency, text)

    @contextmanager
    def week(self) -> Iterator[None]:
        """Show the agencies side by side while they play."""
        if not self.console.is_terminal:
            yield
            return
        with Live(self._table(), console=self.console, refresh_per_second=8) as live:
            self._live = live
            try:
                yield
            finally:
                self._live = None

    @property
    def seconds(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.began

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for agency, (text, at) in sorted(self._rows.items()):
            table.add_row(f"[bold]{agency}[/bold]", text, f"[dim]{at:.1f} s[/dim]")
        return table

    def __enter__(self) -> Screen:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._live = None
