"""Every page with real data, in a real browser: clear at every width, in light and dark."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from backline.kernel import ids
from tests.pages import live

if TYPE_CHECKING:
    from tests.pages.conftest import Stage

pytestmark = pytest.mark.browser


def addresses(stage: Stage) -> dict[str, dict[str, str]]:
    """Every page, by who sees it."""
    from backline.desk.models import Trouble

    mine = stage.mine
    trouble = mine.read(lambda: Trouble.objects.order_by("due_at", "id")[0].public_id)
    run, paid = (ids.public("run", key) for key in (mine.run, mine.paid))
    return {
        "": {
            "sign-in": "/sign-in",
            "lost": "/nowhere",
            "approve": f"/a/{mine.link('Chloe')}",
            "approve-run-out": f"/a/{mine.link('Chloe', lasts=timedelta(days=-1))}",
            "worker": f"/w/{mine.link('Dan')}",
            "worker-run-out": f"/w/{mine.link('Dan', lasts=timedelta(days=-1))}",
            "link-cut": "/w/cut-in-two",
        },
        "owner": {
            "home": "/",
            "home-before": "/?week=2026-06-01",
            "home-long-ago": "/?week=2026-01-01",
            "exceptions": "/exceptions",
            "exceptions-none": "/exceptions?show=mine",
            "exception": f"/exceptions/{trouble}",
            "pay-runs": "/pay-runs",
            "pay-run": f"/pay-runs/{run}",
            "pay-run-all": f"/pay-runs/{run}?all=1",
            "pay-run-paid": f"/pay-runs/{paid}",
            "forbidden": f"/agencies/{mine.place.ref}",
        },
        "staff": {"staff-home": "/", "staff-exceptions": "/exceptions"},
        "admin": {
            "board": "/",
            "board-before": "/?week=2026-06-01",
            "board-long-ago": "/?week=2026-01-01",
            "outside": "/exceptions",
            "runs-outside": "/pay-runs",
            "enter": f"/agencies/{mine.place.ref}",
        },
    }


@pytest.mark.parametrize("who", ["", "owner", "staff", "admin"])
def test_every_page_is_clear_to_everybody(committed_stage: Stage, who: str) -> None:
    found: list[str] = []
    own = addresses(committed_stage)[who]
    with live.serving() as address, live.browsing() as browser, live.window(browser) as page:
        if who:
            live.signs_in(page, address, committed_stage.people[who])
        for name, path in own.items():
            page.goto(address + path)
            found += live.everywhere(page, name)
    assert found == []
