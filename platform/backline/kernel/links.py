"""Links: one recipient, one purpose, once; signed by us, so that the signature alone names the
firm.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.signing import BadSignature, Signer

from backline.kernel import arrays, here, later
from backline.kernel.errors import Conflict, Missing
from backline.kernel.models import Link

_SALT = "backline.link"
WITHDRAW = """
UPDATE kernel_link SET revoked_at = %s
WHERE subject = ANY (%s::uuid[]) AND purpose = ANY (%s::text[])
  AND used_at IS NULL AND revoked_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a token with a good signature says: the firm, the link's row, the secret."""

    firm: str
    link: UUID
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLink:
    """A link to make: what for, about what, for whom, until when, and what it must still find."""

    purpose: str
    subject: UUID
    recipient: Mapping[str, str]
    expires_at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)


def issue(
    *,
    purpose: str,
    subject: UUID,
    recipient: dict[str, str],
    at: datetime,
    expires_at: datetime,
    facts: dict[str, Any] | None = None,
) -> str:
    """Make a link for one recipient and return its token, which is not kept and cannot be had
    again.
    """
    new = NewLink(
        purpose=purpose,
        subject=subject,
        recipient=recipient,
        expires_at=expires_at,
        facts=facts or {},
    )
    return issue_all([new], at=at)[0]


def issue_all(news: Sequence[NewLink], *, at: datetime) -> list[str]:
    """Make many links, each for its recipient, and return their tokens in the same order."""
    tokens, links, signer = [], [], Signer(salt=_SALT)
    for new in news:
        secret = secrets.token_urlsafe(18)
        link = Link(
            purpose=new.purpose,
            subject=new.subject,
            recipient=dict(new.recipient),
            facts=dict(new.facts),
            digest=_digest(secret),
            issued_at=at,
            expires_at=new.expires_at,
        )
        links.append(link)
        tokens.append(signer.sign(f"{here.firm()}.{link.id.hex}.{secret}").replace(":", "~"))
    Link.objects.bulk_create(links)
    return tokens


def claim(token: str) -> Claim:
    """Check a token's signature and read whom it is for; raises Missing for anything not signed by
    us.
    """
    try:
        firm, link, secret = Signer(salt=_SALT).unsign(token.replace("~", ":")).split(".")
        return Claim(firm, UUID(hex=link), secret)
    except (BadSignature, ValueError):
        raise Missing("link_unknown", "This link is not one of ours, or is not complete.") from None


def opened(claimed: Claim, *, purpose: str, at: datetime) -> Link:
    """The locked row behind a claim, used or not; raises Missing, or Conflict when expired or
    withdrawn.
    """
    link = Link.objects.select_for_update().filter(pk=claimed.link, purpose=purpose).first()
    if link is None or not hmac.compare_digest(link.digest, _digest(claimed.secret)):
        raise Missing("link_unknown", "This link is not one of ours, or is not complete.")
    if link.revoked_at is not None:
        raise Conflict("link_withdrawn", "This link was withdrawn; ask for a new one.")
    if link.used_at is None and at >= link.expires_at:
        raise Conflict("link_expired", "This link has expired; ask for a new one.")
    return link


def use(link: Link, at: datetime) -> None:
    """Mark a link as used; raises Conflict the second time."""
    if link.used_at is not None:
        raise Conflict(
            "link_used", "This link has done its work already.", used_at=link.used_at.isoformat()
        )
    link.used_at = at
    link.save(update_fields=["used_at"])


def look(claimed: Claim) -> Link:
    """The row behind a claim, whatever became of it; raises Missing when the secret is another."""
    link = Link.objects.filter(pk=claimed.link).first()
    if link is None or not hmac.compare_digest(link.digest, _digest(claimed.secret)):
        raise Missing("link_unknown", "This link is not one of ours, or is not complete.")
    return link


def withdraw(subject: UUID, *, purpose: str, at: datetime) -> None:
    """Withdraw every unused link to a subject for a purpose."""
    withdraw_all([subject], purposes=[purpose], at=at)


def withdraw_all(subjects: Iterable[UUID], *, purposes: Iterable[str], at: datetime) -> None:
    """Withdraw every unused link to these subjects for these purposes."""
    told = [at, arrays.parameter(list(subjects)), arrays.parameter(list(purposes))]
    later.put_off(WITHDRAW, told)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
