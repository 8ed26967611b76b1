"""The look of pages: pure functions that draw, and templates that keep to a strict policy."""

import re
from decimal import Decimal
from html.parser import HTMLParser
from itertools import product
from pathlib import Path

import pytest

from api.pages import look
from tests.papers import gallery
from tests.papers.pages import PAGES

CSS = gallery.PAGES_OF_THE_APP / "static" / "pages" / "backline.css"
TEMPLATES = gallery.PAGES_OF_THE_APP / "templates" / "pages"
VOID = {"meta", "link", "input", "img", "br", "hr"}


class Wellformed(HTMLParser):
    """Every element that opens closes, no id stands twice, and nothing inline acts or paints."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.faults = [], set(), []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.faults.append(f"{tag} has {name}")
            if name == "id" and value in self.ids:
                self.faults.append(f"two of {value}")
            self.ids |= {value} if name == "id" else set()
        if tag == "script" and "src" not in dict(attrs):
            self.faults.append("an inline script")

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"{tag} closes what is not open")


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_well_formed_and_strict(name):
    page = gallery.rendered(*PAGES[name])
    reader = Wellformed()
    reader.feed(page)
    assert (reader.faults, reader.open) == ([], [])
    assert "{{" not in page
    assert "{%" not in page
    assert page.count("<h1") == 1
    assert page.count('method="post"') == page.count("csrfmiddlewaretoken")


def test_no_text_becomes_markup():
    template, context = PAGES["approve"]
    nasty = '"><script>alert(1)</script>'
    page = gallery.rendered(
        template, context | {"firm_name": nasty, "sheet": context["sheet"] | {"worker": nasty}}
    )
    assert "<script>alert" not in page
    assert "<b>" not in look.sparkline([Decimal(1), Decimal(2)], says="<b>")
    assert "<b>" not in look.bars([look.Column("<b>", (Decimal(1),), "<b>")], says="<b>")


def test_opening_the_approvers_link_approves_nothing():
    page = gallery.rendered(*PAGES["approve"])
    assert 'method="post"' in page
    assert not re.search(r"<a [^>]*approve", page)
    assert 'value="approve"' not in gallery.rendered(*PAGES["approve-done"])


def test_who_may_not_act_is_offered_no_deed():
    page = gallery.rendered(*PAGES["pay-run-own"])
    assert 'name="code"' not in page
    assert "You prepared this pay run" in page


def test_the_stylesheet_is_small_and_knows_every_class():
    text = CSS.read_text()
    assert len(text) < 28_000
    known = set(re.findall(r"\.([a-z][a-z-]*)", text))
    used = set()
    for template in TEMPLATES.rglob("*.html"):
        for classes in re.findall(r'class="([^"]*)"', template.read_text()):
            used |= set(
                re.findall(
                    r"(?<![\w.{%'-])[a-z][a-z-]+(?![\w.])", re.sub(r"{[{%].*?[%}]}", " ", classes)
                )
            )
    assert used - known == set()


def test_fonts_come_with_their_licence():
    for folder in (CSS.parent / "fonts", Path("platform/backline/kernel/papers/fonts")):
        assert "SIL OPEN FONT LICENSE" in (gallery.CHECKOUT / folder / "OFL.txt").read_text()


@pytest.mark.parametrize(
    ("status", "tone"),
    [
        ("approved", "good"),
        ("disputed", "bad"),
        ("parked", "wait"),
        ("running", "busy"),
        ("draft", "plain"),
    ],
)
def test_a_state_has_a_tone(status, tone):
    assert look.tone(status) == tone
    assert look.chip(status)["label"] == status.capitalize()


def test_amounts_carry_their_sign():
    assert look.money(Decimal("-1234.5"), "GBP").endswith("£1,234.50")
    assert look.rounded_money(Decimal("231990.30"), "USD") == "$231,990"
    assert look.money(Decimal(7), "CHF") == "CHF 7.00"


def test_a_sparkline_stays_inside_its_box():
    drawn = look.sparkline([Decimal(value) for value in (5, -3, 12, 12)], says="Four weeks")
    points = re.findall(r'points="([^"]+)"', drawn)[0].split()
    spots = [tuple(Decimal(part) for part in point.split(",")) for point in points]
    assert all(0 <= x <= 88 and 0 <= y <= 22 for x, y in spots)
    assert look.sparkline([Decimal(1)], says="One week") == ""
    assert "points" in look.sparkline([Decimal(4), Decimal(4)], says="Even")


def test_bars_stay_below_the_top_and_say_what_they_show():
    columns = [look.Column(str(n), (Decimal(n), Decimal(3 * n)), f"week {n}") for n in range(4)]
    drawn = look.bars(columns, says="Out and in", limit=Decimal(20))
    assert all(Decimal(y) >= 0 for y in re.findall(r' y="([^"]+)"', drawn))
    assert 'aria-label="Out and in"' in drawn
    assert "<title>week 2</title>" in drawn
    assert look.bars([], says="Nothing") == ""


def test_a_share_over_its_limit_is_full_and_says_so():
    assert 'class="full" width="96.0"' in look.share(Decimal(410), Decimal(400), says="over")
    assert 'class="a" width="48.0"' in look.share(Decimal(1), Decimal(2), says="half")
    assert 'width="0.0"' in look.share(Decimal(1), Decimal(0), says="no limit yet")


@pytest.mark.browser
@pytest.mark.skipif(not gallery.CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium")
def test_pages_are_clear_to_everybody_at_every_width():
    found = []
    with gallery.serving(PAGES) as address, gallery.browsing() as browser:
        for size, scheme in product(gallery.WIDTHS, ("light", "dark")):
            with gallery.window(browser, width=gallery.WIDTHS[size], scheme=scheme) as view:
                for name in PAGES:
                    page, said = view
                    gallery.look_at(page, said, f"{address}/{name}")
                    found += [f"{name} {size} {scheme}: {fault}" for fault in gallery.faults(*view)]
    assert found == []
