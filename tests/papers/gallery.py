"""A gallery of all pages: served from sample contexts, photographed, checked for access.

As a program: python tests/papers/gallery.py OUT [name ...] photographs pages at phone and desktop
width, in light and dark, and prints what axe, the ruler and the console say.
"""

import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
PAGES_OF_THE_APP = CHECKOUT / "api" / "pages"
CHROMIUM = Path("/usr/bin/chromium")
WIDTHS = {"phone": 390, "desk": 1440}
# What the product answers with: nothing from elsewhere, no inline script, no inline style.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def rendered(template, context):
    """Render a template of the pages as Django does, with a token for its forms."""
    from django.template import Context, Engine

    engine = Engine(
        dirs=[str(PAGES_OF_THE_APP / "templates")],
        libraries={"static": "django.templatetags.static"},
        string_if_invalid="",
    )
    page = engine.get_template(f"pages/{template}")
    return page.render(Context({**context, "csrf_token": "sample"}))


@contextmanager
def serving(pages):
    """Serve the pages and their static files on a port of their own; yields the address."""
    import django_htmx

    roots = [PAGES_OF_THE_APP / "static", Path(django_htmx.__file__).parent / "static"]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            path = self.path.partition("?")[0].strip("/")
            found = [root / path.removeprefix("static/") for root in roots]
            file = next((f for f in found if path.startswith("static/") and f.is_file()), None)
            if file:
                self._answer(file.read_bytes(), guess_type(file.name)[0] or "font/woff2")
            elif path in pages:
                self._answer(rendered(*pages[path]).encode(), "text/html; charset=utf-8")
            else:
                self.send_error(404)

        def _answer(self, body, media_type):
            self.send_response(200)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Security-Policy", POLICY)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def browsing():
    """Start Debian's Chromium; yields the browser."""
    from playwright.sync_api import sync_playwright

    args = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=args)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def window(browser, *, width, scheme):
    """Open a window of a width in a colour scheme; yields the page and all its console will say."""
    context = browser.new_context(
        viewport={"width": width, "height": 900 if width > 500 else 844},
        color_scheme=scheme,
        device_scale_factor=1,
        is_mobile=width < 500,
    )
    page = context.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("requestfailed", lambda request: said.append(f"failed: {request.url}"))
    try:
        yield page, said
    finally:
        context.close()


def look_at(page, said, address):
    """Go to an address and wait for its fonts; forgets what the page before it said."""
    said.clear()
    page.goto(address, wait_until="load")
    page.evaluate("document.fonts.ready")


def faults(page, said):
    """List what is wrong with an open page: axe's violations, sideways scrolling, small targets."""
    from axe_playwright_python.sync_playwright import Axe

    found = [f"console: {line}" for line in said]
    for violation in Axe().run(page).response["violations"]:
        nodes = [
            f"{n['html'][:140]} {n['any'][0]['message'] if n['any'] else ''}"
            for n in violation["nodes"][:3]
        ]
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


def main(out, names):
    """Photograph pages and print what is wrong with each."""
    from tests.papers.pages import PAGES

    out.mkdir(parents=True, exist_ok=True)
    views = [(size, scheme) for size in WIDTHS for scheme in ("light", "dark")]
    with serving(PAGES) as address, browsing() as browser:
        for size, scheme in views:
            with window(browser, width=WIDTHS[size], scheme=scheme) as (page, said):
                for name in names or PAGES:
                    look_at(page, said, f"{address}/{name}")
                    page.screenshot(path=out / f"{name}-{size}-{scheme}.png", full_page=True)
                    for fault in faults(page, said):
                        sys.stdout.write(f"{name} {size} {scheme}: {fault}\n")


if __name__ == "__main__":
    sys.path[:0] = [str(CHECKOUT / "platform"), str(CHECKOUT)]
    import django
    from django.conf import settings

    settings.configure(STATIC_URL="/static/")
    django.setup()
    main(Path(sys.argv[1]), sys.argv[2:])
