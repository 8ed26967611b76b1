"""/v1/evidence and /v1/documents: papers received for what must be on file, and withdrawn."""

import base64
import binascii
import re
from typing import Any
from uuid import UUID

from rest_framework import serializers

from api import fields
from api.door import Call, door, reads
from api.resource import Day, Id, Instant, Json, Ref, Resource, Text
from api.v1.directory.words import FACTS, PEOPLE, Facts
from api.v1.documents import DOCUMENT
from api.v1.events import Subject
from backline.kernel.outcomes import one
from backline.onboarding import actions
from backline.onboarding.models import Evidence

TAG = "onboarding"
MEDIA = (
    "application/pdf",
    "image/png",
    "image/jpeg",
    "image/heic",
    "image/tiff",
    "text/plain",
)
NAME = re.compile(r"[^\x00-\x1f/\\]{1,160}")

EVIDENCE = Resource(
    "Evidence",
    model=Evidence,
    fields=(
        Id("evd"),
        Text("requirement", "requirement__code"),
        Text("title", "requirement__title"),
        Text("kind", doc="What the paper is: the requirement's code, or a kind it accepts."),
        Ref("worker", "wrk"),
        Ref("assignment", "asg"),
        Ref("intermediary", "imy"),
        Ref("document", "doc"),
        Text("sha256", doc="Of the document, as it was kept."),
        Text("source", doc="Where it came from."),
        Json("facts", FACTS),
        Day("dated_on"),
        Day("expires_on", doc="The last day on which it holds; null: for ever."),
        Instant("received_at"),
        Json("received_by", PEOPLE),
        Instant("withdrawn_at"),
        Text("withdrawn_reason"),
    ),
    filters=("requirement", "worker", "assignment", "intermediary", "expires_on", "received_at"),
    sorts=("received_at",),
    doc="That a requirement was met: the paper, its hash, where it came from, its days.",
)

reads(EVIDENCE, "/v1/evidence", scope="evidence:read", tag=TAG)


class EvidenceIn(fields.Input):
    """A paper for a requirement, about a worker, an assignment or a company."""

    requirement = fields.Text(longest=40, help_text="Its code, or a kind of paper it accepts.")
    about = Subject(help_text="The worker, assignment or company, as the requirement says.")
    source = fields.Text(  # type: ignore[assignment]  # a field's own word in DRF
        longest=40, help_text="Who saw or sent it: office, share_code_service, worker …"
    )
    dated_on = fields.Day()
    expires_on = fields.Day(required=False, allow_null=True, help_text="The last day it holds.")
    document = fields.PublicId("doc", required=False, allow_null=True)
    facts = Facts(required=False)


@door(
    "POST",
    "/v1/evidence",
    "evidence_receive",
    scope="evidence:write",
    body=EvidenceIn,
    answers=EVIDENCE,
    status=201,
    key="optional",
    tag=TAG,
)
def receive(call: Call) -> object:
    """File a paper; an assignment for which nothing is missing any more is cleared by itself."""
    made = actions.receive([actions.NewEvidence(**call.body)], actor=call.actor, at=call.at)
    return EVIDENCE.one(one(made))


class WithdrawIn(fields.Input):
    """Why it does not count."""

    reason = fields.Text(longest=200)


@door(
    "POST",
    "/v1/evidence/{evidence:evd}/withdraw",
    "evidence_withdraw",
    body=WithdrawIn,
    scope="evidence:approve",
    answers=EVIDENCE,
    key="optional",
    tag=TAG,
)
def withdraw(call: Call, evidence: UUID) -> object:
    """Say that a paper does not count; work that waits for it is held again."""
    told = {"reason": call.body["reason"], "actor": call.actor, "at": call.at}
    actions.withdraw(evidence, **told)
    return EVIDENCE.one(evidence)


class Base64(fields.Spelled):
    """Bytes, as base64."""

    code = "invalid_base64"

    def read(self, text: str) -> bytes:
        """The bytes."""
        try:
            content = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise ValueError("Write the bytes as base64.") from None
        if not content:
            raise ValueError("The file is empty.")
        return content

    def schema(self) -> dict[str, Any]:
        """A string of base64."""
        return {"type": "string", "contentEncoding": "base64", "examples": ["JVBERi0xLjcK"]}


class FileName(fields.Spelled):
    """A name to save a file under: no folders, no control characters."""

    code = "invalid_name"

    def read(self, text: str) -> str:
        """The name."""
        if not NAME.fullmatch(text.strip()):
            raise ValueError("Write a name such as passport.pdf.")
        return text.strip()

    def schema(self) -> dict[str, Any]:
        """A short string."""
        return {"type": "string", "maxLength": 160, "examples": ["passport.pdf"]}


class DocumentIn(fields.Input):
    """A file of at most about 750 kilobytes, as base64."""

    name = FileName()
    media_type = fields.Choice(MEDIA)
    content = Base64()
    about = Subject(required=False, help_text="The worker, assignment or company it is about.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """A file is what it says it is."""
        if given["media_type"] == "application/pdf" and not given["content"].startswith(b"%PDF-"):
            detail = serializers.ErrorDetail("These bytes are no PDF.", "not_what_it_says")
            raise serializers.ValidationError({"content": [detail]})
        return given


@door(
    "POST",
    "/v1/documents",
    "documents_keep",
    scope="documents:write",
    body=DocumentIn,
    answers=DOCUMENT,
    status=201,
    key="optional",
    tag="kernel",
)
def keep(call: Call) -> object:
    """Keep a file as it is, for evidence to name; the same bytes about the same thing once."""
    body = call.body
    made = actions.keep_paper(
        body["content"],
        name=body["name"],
        media_type=body["media_type"],
        subject=body.get("about"),
        actor=call.actor,
        at=call.at,
    )
    return DOCUMENT.one(made.pk)
