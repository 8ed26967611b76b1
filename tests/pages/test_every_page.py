"""What holds of every page: who may see it, what its answer says, that looking changes nothing."""

from __future__ import annotations

import re

import pytest

from backline.kernel import ids
from tests.pages.browsers import Browser

SIGNED_IN = ("/", "/exceptions", "/exceptions/{exc}", "/pay-runs", "/pay-runs/{run}",
             "/pay-runs/{run}/statements/{pay}", "/pay-runs/{run}/files/{fil}",
             "/agencies/{agency}")  # fmt: skip
# Every deed of a page, and the door of the API that does the same.
TWINS = {
    "/sign-in": {"sign in": "sessions_create"},
    "/sign-out": {"sign out": "sessions_end"},
    "/leave": {"leave": "sessions_end"},
    "/agencies/{agency}": {"enter": "agencies_act"},
    "/exceptions/{exc}": {
        "take": "exceptions_take",
        "release": "exceptions_release",
        "resolve": "exceptions_resolve",
        "dismiss": "exceptions_dismiss",
    },
    "/pay-runs/{run}": {
        "code": "sessions_refresh_factor",
        "calculate": "pay_runs_calculate",
        "submit": "pay_runs_submit",
        "approve": "pay_runs_approve",
        "reject": "pay_runs_reject",
        "withdraw": "pay_runs_withdraw",
        "release": "pay_runs_release",
    },
    "/a/{token}": {
        "approve": "links_approve",
        "query": "links_question",
        "reject": "links_reject",
    },
    "/w/{token}": {
        "save": "links_set_entries",
        "same": "links_set_entries",
        "submit": "links_enter",
    },
}


@pytest.fixture
def named(stage):
    """The ids of things of our firm, and of the one that looks alike."""
    return {"mine": _named(stage.mine), "twin": _named(stage.twin)}


def _named(world):
    from backline.desk.models import Trouble
    from backline.payroll.models import PaymentFile, Payslip

    with world.books():
        return {
            "exc": Trouble.objects.order_by("id")[0].public_id,
            "run": ids.public("run", world.paid),
            "pay": Payslip.objects.filter(run=world.paid).order_by("id")[0].public_id,
            "fil": PaymentFile.objects.filter(run=world.paid)[0].public_id,
            "agency": world.place.ref,
        }


@pytest.mark.parametrize("path", SIGNED_IN)
def test_a_stranger_is_led_to_the_sign_in(stage, named, path):
    asked = path.format(**named["mine"])
    answer = Browser().get(asked)
    assert answer.status == 303
    assert answer.headers["Location"].startswith("/sign-in")
    assert answer.text == ""


@pytest.mark.parametrize("path", SIGNED_IN)
def test_a_cookie_of_nobody_is_a_stranger(stage, named, path):
    browser = Browser()
    browser.client.cookies["backline-session"] = "sbs_test_000000000000_" + "x" * 32 + "_abcdef"
    assert browser.get(path.format(**named["mine"])).status == 303


@pytest.mark.parametrize("path", [path for path in SIGNED_IN if "{" in path])
def test_an_id_of_the_firm_next_door_is_unknown(stage, named, browser, path):
    """Told in the very words of an id that nobody has."""
    nora = browser("owner")
    foreign = nora.get(path.format(**named["twin"]))
    if path.startswith("/agencies"):
        assert foreign.status == 403
        return
    nobodys = {name: f"{name}_01m8000000000000000000000a" for name in named["twin"]}
    unknown = nora.get(path.format(**nobodys))
    assert (foreign.status, foreign.plain) == (unknown.status, unknown.plain)
    assert foreign.status in {403, 404}


def test_an_exception_next_door_is_neither_seen_nor_closed(stage, named, browser):
    nora = browser("owner")
    own = nora.get(f"/exceptions/{named['mine']['exc']}")
    values = own.form("resolve")[1] | {"deed": "resolve", "reason": "done"}
    assert nora.post(f"/exceptions/{named['twin']['exc']}", values).status == 404

    from backline.desk.models import Trouble

    left = stage.twin.read(lambda: Trouble.objects.filter(state="open").count())
    assert left == 1


def test_a_pay_run_next_door_is_not_approved(stage, browser):
    nora = browser("owner")
    values = nora.get(f"/pay-runs/{ids.public('run', stage.mine.run)}").form("approve")[1]
    given = values | {"deed": "approve", "code": stage.people["owner"].code()}
    assert nora.post(f"/pay-runs/{ids.public('run', stage.twin.run)}", given).status == 404

    from backline.payroll.models import PayRun

    assert stage.twin.read(lambda: PayRun.objects.get(pk=stage.twin.run).state) == "submitted"


def test_every_answer_is_strict_and_kept_nowhere(stage, named, browser):
    nora, stranger = browser("owner"), Browser()
    answers = [nora.get(path.format(**named["mine"])) for path in SIGNED_IN]
    answers += [
        stranger.get(path)
        for path in ("/sign-in", f"/a/{stage.mine.link('Chloe')}", f"/w/{stage.mine.link('Dan')}",
                     "/a/nothing", "/nowhere", "/dev/mail/")
    ]  # fmt: skip
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'"), answer.path
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Request-Id"].startswith("req_")
        assert not re.search(r"<[^>]+ (style|on\w+)=", answer.text), answer.path
        assert not re.search(r"<script(?![^>]*src)", answer.text), answer.path


def test_looking_at_a_page_changes_nothing(stage, named, browser):
    """Fetching a paper is noted; nothing else is, however often a page is opened."""
    nora = browser("owner")
    links = (f"/a/{stage.mine.link('Chloe')}", f"/w/{stage.mine.link('Dan')}")
    before = _standing(stage.mine)
    for path in SIGNED_IN:
        if "{pay}" not in path and "{fil}" not in path:
            nora.get(path.format(**named["mine"]))
            nora.client.head(path.format(**named["mine"]))
    for path in links * 2:
        assert Browser().get(path).status == 200
        Browser().client.head(path)
    assert _standing(stage.mine) == before


def _standing(world):
    from backline.desk.models import Trouble
    from backline.kernel.models import Event, Link
    from backline.payroll.models import PayRun
    from backline.timesheets.models import TimeEntry, Timesheet

    with world.books():
        return (
            Event.objects.count(),
            Link.objects.filter(used_at__isnull=False).count(),
            list(Trouble.objects.order_by("id").values_list("state", "taken_by")),
            list(PayRun.objects.order_by("id").values_list("state", "version")),
            list(Timesheet.objects.order_by("id").values_list("status", "version")),
            TimeEntry.objects.count(),
        )


@pytest.mark.parametrize(
    "path",
    ["/sign-in", "/sign-out", "/leave", "/exceptions/{exc}", "/pay-runs/{run}",
     "/agencies/{agency}", "/a/{token}", "/w/{token}"],
)  # fmt: skip
def test_a_form_that_was_not_ours_is_refused(stage, named, browser, path):
    """Without the token, with another one, or sent from another site."""
    nora = browser("owner")
    tokens = {"/a/{token}": stage.mine.link("Chloe"), "/w/{token}": stage.mine.link("Dan")}
    asked = path.format(**named["mine"], token=tokens.get(path, ""))
    nora.get("/sign-in")
    before = _standing(stage.mine)
    token = nora.client.cookies["csrftoken"].value
    for given, headers in (
        ({}, {}),
        ({"csrfmiddlewaretoken": "x" * 64}, {}),
        ({"csrfmiddlewaretoken": token}, {"Origin": "https://evil.example"}),
    ):
        deeds = {"deed": "approve", "reason": "because", "email": "a@b.example"}
        answer = nora.client.post(asked, given | deeds, headers=headers)
        assert answer.status_code == 403
        assert "This form has gone stale" in answer.content.decode()
    assert _standing(stage.mine) == before


def test_methods_that_a_page_does_not_take_are_told(stage, browser):
    nora = browser("owner")
    for path, allowed in (("/", "GET, HEAD"), ("/sign-out", "POST")):
        answer = nora.client.delete(path)
        assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
    assert nora.get("/leave").status == 405


def test_an_address_that_is_not_there_is_a_page_to_people_and_a_problem_to_programs(stage):
    page = Browser().get("/nowhere")
    assert (page.status, "Nothing is here" in page.plain) == (404, True)
    problem = Browser().get("/v1/nowhere")
    assert problem.headers["Content-Type"] == "application/problem+json"


def test_an_error_of_ours_tells_nothing_of_the_inside(stage, browser, monkeypatch):
    from api.pages import board

    def breaks(*_):
        raise ZeroDivisionError("secret insides")

    nora = browser("owner")
    monkeypatch.setattr(board, "_own", breaks)
    answer = nora.get("/")
    assert answer.status == 500
    assert "Something of ours failed" in answer.plain
    assert "secret" not in answer.text
    assert answer.headers["Request-Id"] in answer.plain


def test_nasty_names_stay_text(stage, browser):
    from backline.directory.models import Worker

    with stage.mine.books():
        Worker.objects.filter(pk=stage.mine.workers["Dan"]).update(
            family_name="<script>alert(1)</script>"
        )
    nora = browser("owner")
    for path in ("/", "/exceptions", f"/pay-runs/{ids.public('run', stage.mine.run)}"):
        assert "<script>alert" not in nora.get(path).text
    assert "<script>alert" not in Browser().get(f"/w/{stage.mine.link('Dan')}").text


def test_every_deed_of_a_page_is_a_door_of_the_api(stage):
    from api.door import DOORS
    from api.pages import approver, exceptions, pay_deeds, urls, worker

    wanted = {operation for deeds in TWINS.values() for operation in deeds.values()}
    assert wanted <= {door.operation for door in DOORS.values()}
    assert set(exceptions.DEEDS) == set(TWINS["/exceptions/{exc}"])
    assert set(pay_deeds.DEEDS) | {"code"} == set(TWINS["/pay-runs/{run}"])
    assert set(approver.DEEDS) == set(TWINS["/a/{token}"])
    assert set(worker.DEEDS) == set(TWINS["/w/{token}"])

    def shape(path):
        return re.sub(r"[<{][^>}]+[>}]", "{}", f"/{path.strip('/')}")

    posting = {shape(path) for path in TWINS}
    known = {shape(str(route.pattern)) for route in urls.urlpatterns}
    assert posting <= known
