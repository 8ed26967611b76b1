"""The office: who may do what for one agency, and how a clerk waits for work that goes on later."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from deploy.demo.caller import Caller, Problem

PATIENCE: Final = 240.0
AT_ONCE: Final = 100  # the most that a bulk door does before it answers
Record = Mapping[str, Any]


class Unfinished(AssertionError):
    """Something that should have happened by itself did not."""


class Refused(AssertionError):
    """A member of a set was refused; names the first few problems."""


@dataclass(frozen=True, slots=True)
class Office:
    """The people and programs who do an agency's work; each holds a credential of their own.

    `payroll` prepares, `owner` approves, `releaser` releases; `billing` and `compliance` are the
    partner's staff inside the agency; `key` is the agency's own system; `partner` and `lender` are
    the partner's staff at home; `nobody` is whoever holds a mailed link.
    """

    agency: str
    key: Caller
    owner: Caller
    payroll: Caller
    releaser: Caller
    billing: Caller
    compliance: Caller
    partner: Caller
    lender: Caller
    nobody: Caller


class Desk:
    """What every clerk does: call, wait, and read what became of a set."""

    def __init__(self, office: Office, settle: Callable[[], None], *, hands: int = 1) -> None:
        self.office, self.settle, self.hands = office, settle, hands

    def until(self, what: str, asked: Callable[[], Any], patience: float = PATIENCE) -> Any:
        """Wait until something is so; the answer to `asked`, once it is true."""
        until = time.monotonic() + patience
        while True:
            self.settle()
            found = asked()
            if found:
                return found
            if time.monotonic() > until:
                raise Unfinished(what)
            time.sleep(0.2)

    def each(self, deed: Callable[[Any], Any], members: Iterable[Any]) -> list[Any]:
        """Do the same for each of many, a few at a time; the answers in order."""
        if self.hands == 1:
            return [deed(member) for member in members]
        with ThreadPoolExecutor(self.hands) as pool:
            return list(pool.map(deed, members))

    def every(self, caller: Caller, path: str, **query: Any) -> list[dict[str, Any]]:
        """Every record of a list, page by page."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = caller.get(path, **{"limit": 100, **query, **cursor})
            found += page["data"]
            if not page["has_more"]:
                return found
            cursor = {"cursor": page["next_cursor"]}

    def in_hundreds(
        self, caller: Caller, path: str, name: str, members: Sequence[Any], **more: Any
    ) -> list[str]:
        """Send a set through a bulk door in shares; the ids of what was done, refusals raised."""
        done: list[str] = []
        for share in shares(members):
            done += [str(one["id"]) for one in ended_well(caller.post(path, {name: share, **more}))]
        return done

    def finished(self, caller: Caller, operation: Record) -> Record:
        """Wait for accepted work to end; raises unless all of it was done."""
        key = operation["id"]
        ended: Record = self.until(
            f"{operation['kind']} ends",
            lambda: _if_ended(caller.get(f"/v1/operations/{key}")),
        )
        if ended["state"] != "succeeded":
            told = caller.get(f"/v1/operations/{key}/items", state="failed", limit=5)["data"]
            raise Refused(f"{ended['kind']} ended {ended['state']}: {told}")
        return ended


def shares(members: Sequence[Any], most: int = AT_ONCE) -> Iterator[list[Any]]:
    """Cut a set into shares that a bulk door does at once."""
    for first in range(0, len(members), most):
        yield list(members[first : first + most])


def ended_well(results: Record) -> list[dict[str, Any]]:
    """The results of a set, if none was refused."""
    if results.get("refused"):
        bad = [one for one in results["results"] if one["problem"]]
        raise Refused(f"{len(bad)} refused; the first, {bad[0]['id']}: {bad[0]['problem']}")
    return list(results["results"])


def _if_ended(operation: Record) -> Record | None:
    return None if operation["state"] in {"pending", "running"} else operation


__all__ = ["Caller", "Desk", "Office", "Problem", "Refused", "Unfinished", "ended_well", "shares"]
