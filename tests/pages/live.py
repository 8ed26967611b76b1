"""A live server in a thread of this process, and a real browser before it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

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
def window(browser: Browser, *, size: str, scheme: str = "light") -> Iterator[Page]:
    """A window of a size in a colour scheme."""
    width = WIDTHS[size]
    context = browser.new_context(
        viewport={"width": width, "height": 900 if width > 500 else 844},
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=1,
        is_mobile=width < 500,
        has_touch=width < 500,
    )
    try:
        yield context.new_page()
    finally:
        context.close()


def faults(page: Page) -> list[str]:
    """What is wrong with an open page: axe's violations, sideways scrolling, small targets."""
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate("document.fonts.ready")
    found = []
    for violation in Axe().run(page).response["violations"]:
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


def photograph(page: Page, name: str) -> None:
    """Keep a picture where PHOTOGRAPHS says, if it says."""
    folder = os.environ.get("PHOTOGRAPHS", "")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
