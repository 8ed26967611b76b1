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


def play(installation: Installation, size: str, screen: Screen) -> Ended:
    """Play the week of every agency at once; raises what stopped one of them."""
    client = httpx.Client(base_url=installation.url, timeout=TIMEOUT, limits=LIMITS)
    partner = Partner(client, installation)
    with screen.week(), ThreadPoolExecutor(3) as pool:
        began = [
            pool.submit(_play_one, partner, agency, partial(screen.step, agency.key))
            for agency in agencies(size)
        ]
        try:
            for one in as_completed(began):
                one.result()
        except BaseException:
            GIVEN_UP.set()
            raise
        plays = [one.result() for one in began]
    _bring_home(partner.people["admin"], plays)
    return Ended(plays, partner)


def _play_one(partner: Partner, agency: Agency, say: Callable[[str], None]) -> Play:
    from django.db import connection

    try:
        say("is made")
        one = Play(agency, partner.opens(agency), say, Mail(partner.installation.files / "mail"))
        one.run()
        say("the week is over")
        return one
    finally:
        connection.close()


def _bring_home(admin: HttpCaller, plays: list[Play]) -> None:
    """The partner's own clock follows its agencies'."""
    latest = max(play.ends_at for play in plays)
    admin.post("/v1/sandbox/clock", {"now": latest})
    plays[0].clerk.settle()
