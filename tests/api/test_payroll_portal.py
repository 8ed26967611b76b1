"""What a worker sees of pay: the own payslips with their history, by a link that is theirs."""

from __future__ import annotations

import pytest

from tests.backline.payday import TUESDAY, clock, opened, released, staffed, three
from tests.backline.week import attend, in_books

pytestmark = pytest.mark.django_db


def link_of(place, wire, assignment: str) -> str:
    """Where the mail leads that asks a worker for hours."""
    from backline.desk.models import Message

    sheet = wire.every("/v1/timesheets", assignment=assignment)[0]
    wire.post("/v1/timesheets/chase", {"timesheets": [sheet["id"]]}).done()
    mail: str = in_books(place, lambda: Message.objects.order_by("-id").first()).body
    return next(line[line.index("/w/") :] for line in mail.splitlines() if "/w/" in line).strip()


@pytest.mark.capability("PY-31")
def test_a_worker_sees_the_own_payslips_alone_and_the_download_is_noted(
    agency, other_agency, partner, wire, client
):
    from backline.kernel.models import Event

    clock(agency)
    people = three(agency, partner)
    first, second = in_books(agency, lambda: staffed(agency, 2))
    in_books(other_agency, lambda: staffed(other_agency, 2))
    run = opened(agency, TUESDAY)
    released(agency, people, run)
    attend(agency)
    wire.post("/v1/timesheets/open-due", {}).done()
    slips = {row["worker"]: row["id"] for row in people.preparer.every("/v1/pay-statements")}
    from backline.kernel import ids

    own, theirs = (slips[ids.public("wrk", post.worker)] for post in (first, second))
    link = link_of(agency, wire, first.asg)

    page = client.get(link)
    paper = client.get(f"{link}/payslips/{own}")
    strange = client.get(f"{link}/payslips/{theirs}")

    assert own in page.content.decode()
    assert theirs not in page.content.decode()
    assert paper["Content-Type"] == "application/pdf"
    assert strange.status_code in {404, 410}
    assert strange["Content-Type"].startswith("text/html")
    read = in_books(
        agency, lambda: list(Event.objects.filter(name="pay_statement.fetched").values("actor"))
    )
    assert [(one["actor"]["kind"], one["actor"]["role"]) for one in read] == [("link", "worker")]
    everybody = wire.get("/v1/pay-statements")
    assert (everybody.status, everybody.code) == (403, "scope_missing")
