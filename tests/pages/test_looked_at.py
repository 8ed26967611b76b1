"""Every page with real data, in a real browser: clear at every width, in light and dark."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest

from backline.kernel import ids
from tests.callers import PASSWORD
from tests.pages import live
from tests.pages.conftest import Stage, build

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.databases import Database
    from tests.pages.browsers import Somebody

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def committed_stage(committed: Database, places: dict) -> Stage:
    """Both firms, where everybody can see them."""
    return build(places)


def signs_in(page: Page, address: str, somebody: Somebody) -> None:
    """Sign in as a person does."""
    page.goto(f"{address}/sign-in")
    page.fill("#email", somebody.email)
    page.fill("#password", PASSWORD)
    page.click("button.primary")
    page.fill("#code", somebody.code())
    page.click("button.primary")
    page.wait_for_url(lambda url: "sign-in" not in url)


def addresses(stage: Stage) -> dict[str, dict[str, str]]:
    """Every page, by who sees it."""
    from backline.desk.models import Trouble

    mine = stage.mine
    trouble = mine.read(lambda: Trouble.objects.order_by("due_at", "id")[0].public_id)
    run, paid = (ids.public("run", key) for key in (mine.run, mine.paid) if key)
    return {
        "": {
            "sign-in": "/sign-in",
            "lost": "/nowhere",
            "approve": f"/a/{mine.link('Chloe')}",
            "worker": f"/w/{mine.link('Dan')}",
            "worker-cut": "/w/cut-in-two",
        },
        "owner": {
            "home": "/",
            "exceptions": "/exceptions",
            "exception": f"/exceptions/{trouble}",
            "pay-runs": "/pay-runs",
            "pay-run": f"/pay-runs/{run}",
            "pay-run-paid": f"/pay-runs/{paid}",
            "forbidden": f"/agencies/{mine.place.ref}",
        },
        "staff": {"staff-home": "/"},
        "admin": {
            "board": "/",
            "board-before": "/?week=2026-06-01",
            "outside": "/exceptions",
            "runs-outside": "/pay-runs",
            "enter": f"/agencies/{mine.place.ref}",
        },
    }


def test_every_page_is_clear_to_everybody(committed_stage: Stage) -> None:
    found: list[str] = []
    pages = addresses(committed_stage)
    with live.serving() as address, live.browsing() as browser:
        for size, scheme in product(live.WIDTHS, live.SCHEMES):
            for who, own in pages.items():
                found += looked_at(
                    browser, address, committed_stage, who, own, size=size, scheme=scheme
                )
    assert found == []


def looked_at(
    browser: Browser, address: str, stage: Stage, who: str, own: dict[str, str], **view: str
) -> list[str]:
    """What is wrong with the pages of one person in one window."""
    found, size, scheme = [], view["size"], view["scheme"]
    with live.window(browser, size=size, scheme=scheme) as page:
        if who:
            signs_in(page, address, fresh(stage.people[who]))
        for name, path in own.items():
            page.goto(address + path)
            found += [f"{name} {size} {scheme}: {fault}" for fault in live.faults(page)]
            live.photograph(page, f"{name}-{size}-{scheme}")
    return found


def fresh(somebody: Somebody) -> Somebody:
    """The same person as if the app had never shown a code: tests do not wait for the next one."""
    from tenants import tenancy
    from tenants.access.models import Person

    with tenancy.signing_in():
        Person.objects.filter(email=somebody.email).update(factor_step=0)
    somebody.shown = -1
    return somebody
