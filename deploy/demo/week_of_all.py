"""The week of all three agencies, side by side."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from typing import Final

import httpx

from deploy.demo.caller import GIVEN_UP, HttpCaller
from deploy.demo.installation import Installation
from deploy.demo.kept import Left
from deploy.demo.mail import Mail
from deploy.demo.play import Partner, Play
from deploy.demo.screen import Screen
from deploy.demo.world import Agency, agencies

TIMEOUT: Final = httpx.Timeout(60, connect=5)
LIMITS: Final = httpx.Limits(max_connections=32, max_keepalive_connections=32)


@dataclass(frozen=True, slots=True)
class Ended:
    """How the week ended: each agency's play, and the partner who made them."""

    plays: list[Play]
    partner: Partner
    is_old: bool = False

    @property
    def left(self) -> dict[str, list[str]]:
        """What was left on purpose, by agency."""
        return {play.agency.key: play.left for play in self.plays}


def play(installation: Installation, size: str, screen: Screen) -> Ended:
    """Play the week of every agency at once; raises what stopped one of them."""
    partner = Partner(_client(installation), installation)
    plays = _side_by_side(_play_one, partner, size, screen)
    _bring_home(partner.people["admin"], plays)
    return Ended(plays, partner)


def revisit(installation: Installation, size: str, screen: Screen, left: Left) -> Ended:
    """Look again at a week that was played before, as it stands now; `left` is what it left."""
    partner = Partner(_client(installation), installation)
    plays = _side_by_side(_revisit_one, partner, size, screen)
    for one in plays:
        one.left = list(left.get(one.agency.key, ()))
    return Ended(plays, partner, is_old=True)


def _client(installation: Installation) -> httpx.Client:
    return httpx.Client(base_url=installation.url, timeout=TIMEOUT, limits=LIMITS)


def _side_by_side(
    deed: Callable[[Play], None], partner: Partner, size: str, screen: Screen
) -> list[Play]:
    with screen.week(), ThreadPoolExecutor(3) as pool:
        began = [
            pool.submit(_with_one, deed, partner, agency, partial(screen.step, agency.key))
            for agency in agencies(size)
        ]
        try:
            for one in as_completed(began):
                one.result()
        except BaseException:
            GIVEN_UP.set()
            raise
        return [one.result() for one in began]


def _with_one(
    deed: Callable[[Play], None], partner: Partner, agency: Agency, say: Callable[[str], None]
) -> Play:
    from django.db import connection

    try:
        one = Play(agency, partner.opens(agency), say, Mail(partner.installation.files / "mail"))
        deed(one)
        return one
    finally:
        connection.close()


def _play_one(one: Play) -> None:
    one.run()
    one.say("the week is over")


def _revisit_one(one: Play) -> None:
    one.breaks = one.clerk.reconciles()
    one.say(f"was played before: {len(one.breaks)} breaks")


def _bring_home(admin: HttpCaller, plays: list[Play]) -> None:
    """The partner's own clock follows its agencies'."""
    latest = max(play.ends_at for play in plays)
    admin.post("/v1/sandbox/clock", {"now": latest})
    plays[0].clerk.settle()
