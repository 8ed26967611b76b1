"""/v1/assignments/{assignment}/clearance and /v1/workers/{worker}/file: what is missing, what is
there.
"""

from uuid import UUID

from django.db.models import Q

from api.door import Call, door
from api.resource import Day, Flag, Id, Instant, Json, Shape, Text, Words
from api.v1.directory.words import must_exist
from api.v1.documents import DOCUMENT
from api.v1.onboarding.evidence import EVIDENCE
from backline.assignments.models import Assignment
from backline.directory.models import Worker
from backline.kernel.models import Document
from backline.onboarding import queries
from backline.onboarding.models import Evidence
from backline.payroll.models import Payslip

TAG = "onboarding"

LACKING = Shape(
    "MissingItem",
    (
        Text("requirement", doc="Its code."),
        Text("title"),
        Text("reason", doc="missing, expired, rejected, or due: it may still be brought."),
        Words("blocks"),
        Text("about", doc="worker, assignment or intermediary: whose paper it is."),
        Day("expires_on", null=True, doc="The last day of the paper that lapsed."),
        Day("due_on", null=True, doc="The last day on which it may be brought."),
        Text("clock", null=True, doc="running, warning (due by tomorrow) or late."),
    ),
    doc="One thing that is not on file.",
)
CLEARANCE = Shape(
    "Clearance",
    (
        Id("asg", "assignment"),
        Day("on"),
        Text("status", doc="Of the assignment."),
        Flag("is_cleared_to_start"),
        Flag("is_cleared_to_pay"),
        Json("missing", {"type": "array", "items": LACKING.ref()}),
    ),
    doc="Whether an assignment may start and its worker be paid, and what is missing.",
)


@door(
    "GET",
    "/v1/assignments/{assignment:asg}/clearance",
    "assignments_clearance",
    tag=TAG,
    scope="requirements:read",
    answers=CLEARANCE,
)
def clearance(call: Call, assignment: UUID) -> object:
    """Read what is missing for an assignment, and what it blocks."""
    must_exist(Assignment, assignment)
    status = Assignment.objects.values_list("status", flat=True).get(pk=assignment)
    items = queries.missing([assignment], call.on).get(assignment, [])
    told = CLEARANCE.show(
        {
            "assignment": assignment,
            "on": call.on,
            "status": status,
            "is_cleared_to_start": not any(item.stops("start") for item in items),
            "is_cleared_to_pay": not any(item.stops("pay") for item in items),
        }
    )
    return told | {
        "missing": [
            LACKING.show(
                {
                    "requirement": item.code,
                    "title": item.title,
                    "reason": item.reason,
                    "blocks": item.blocks,
                    "about": item.about,
                    "expires_on": item.expires_on,
                    "due_on": item.due_on,
                    "clock": item.clock or None,
                }
            )
            for item in items
        ]
    }


FILE = Shape(
    "WorkerFile",
    (
        Id("wrk", "worker"),
        Instant("as_of"),
        Json("evidence", {"type": "array", "items": EVIDENCE.ref()}),
        Json("documents", {"type": "array", "items": DOCUMENT.ref()}),
    ),
    doc="Everything on file about a worker: each paper with hash, source and date.",
)


@door(
    "GET",
    "/v1/workers/{worker:wrk}/file",
    "workers_file",
    scope="evidence:read",
    answers=FILE,
    tag=TAG,
)
def worker_file(call: Call, worker: UUID) -> object:
    """Read a worker's whole file: papers of the worker, of every assignment and company, payslips.

    Nothing is left out: what was withdrawn or lapsed says so.
    """
    must_exist(Worker, worker)
    papers = Evidence.objects.filter(
        Q(worker=worker)
        | Q(assignment__worker=worker)
        | Q(intermediary__in=Assignment.objects.filter(worker=worker).values("intermediary"))
    ).order_by("id")
    documents = Document.objects.filter(
        Q(subject=worker)
        | Q(subject__in=Assignment.objects.filter(worker=worker).values("pk"))
        | Q(pk__in=papers.filter(document__isnull=False).values("document"))
        | Q(subject__in=Payslip.objects.filter(worker=worker).values("pk"))
    ).order_by("id")
    told = FILE.show({"worker": worker, "as_of": call.at})
    return told | {
        "evidence": EVIDENCE.several(papers),
        "documents": DOCUMENT.several(documents),
    }
