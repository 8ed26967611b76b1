"""A live server in a thread of this process, and a real browser before it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections

from tests.callers import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.pages.browsers import Somebody

CHROMIUM = "/usr/bin/chromium"
ARGS = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
)
WIDTHS = {"phone": 390, "desk": 1440}
SCHEMES = ("light", "dark")


class Server(ThreadingMixIn, WSGIServer):
    """Answers each connection in a thread, and leaves no connection to the database behind."""

    daemon_threads = True
    block_on_close = False

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            connections.close_all()


class Quiet(WSGIRequestHandler):
    """Says nothing of each request."""

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving() -> Iterator[str]:
    """Serve the product with its static files; yields the address."""
    server = Server(("127.0.0.1", 0), Quiet)
    server.set_app(StaticFilesHandler(WSGIHandler()))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def browsing() -> Iterator[Browser]:
    """Start Debian's Chromium."""
    from playwright.sync_api import sync_playwright

    # The test itself asks the database between two clicks; Playwright's loop is no server of ours.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGS))
            try:
                yield browser
            finally:
                browser.close()
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@contextmanager
def window(browser: Browser, *, size: str = "desk") -> Iterator[Page]:
    """A window of a size; what its console says of scripts, styles and files is a fault."""
    width = WIDTHS[size]
    context = browser.new_context(
        viewport={"width": width, "height": 900 if width > 500 else 844},
        device_scale_factor=1,
        is_mobile=width < 500,
        has_touch=width < 500,
    )
    said: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    try:
        yield page
    finally:
        context.close()
    told = [line for line in said if "the server responded with a status of 4" not in line]
    assert told == []


def signs_in(page: Page, address: str, somebody: Somebody) -> None:
    """Sign in as a person does."""
    page.goto(f"{address}/sign-in")
    page.fill("#email", somebody.email)
    page.fill("#password", PASSWORD)
    page.click("button.primary")
    page.fill("#code", somebody.code())
    page.click("button.primary")
    page.wait_for_url(lambda url: "sign-in" not in url)


def everywhere(page: Page, name: str) -> list[str]:
    """What is wrong with an open page at any width, in light and in dark; pictures of each."""
    found = []
    before = page.viewport_size
    for size, scheme in product(WIDTHS, SCHEMES):
        width = WIDTHS[size]
        page.set_viewport_size({"width": width, "height": 900 if width > 500 else 844})
        page.emulate_media(
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",  # or colours are looked at half way from one to the other
        )
        found += [f"{name} {size} {scheme}: {fault}" for fault in faults(page, scheme=scheme)]
        _photograph(page, f"{name}-{size}-{scheme}")
    if before is not None:
        page.set_viewport_size(before)
    return found


def faults(page: Page, *, scheme: str = "light") -> list[str]:
    """What is wrong with an open page: axe's violations, sideways scrolling, small targets.

    In the dark only colours are other ones; the rest was looked at in the light.
    """
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate("document.fonts.ready")
    found = []
    for violation in (
        Axe()
        .run(page, options={"runOnly": ["color-contrast"]} if scheme == "dark" else None)
        .response["violations"]
    ):
        nodes = [node["html"][:140] for node in violation["nodes"][:3]]
        found.append(f"axe {violation['id']}: {' | '.join(nodes)}")
    wide, room = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    if wide > room:
        found.append(f"{wide} px wide in {room} px")
    small = page.evaluate(
        """[...document.querySelectorAll('button, .button, select, input:not([type=hidden])')]
           .filter(e => e.getClientRects().length && e.getBoundingClientRect().height < 40)
           .map(e => e.outerHTML.slice(0, 80))"""
    )
    return found + [f"small target: {html}" for html in small]


def _photograph(page: Page, name: str) -> None:
    """Keep a picture where PHOTOGRAPHS says, if it says."""
    folder = os.environ.get("PHOTOGRAPHS", "")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
