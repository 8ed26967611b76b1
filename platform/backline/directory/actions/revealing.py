"""Revealing: a sealed fact shown to somebody who says why, and written down before it is shown."""

from datetime import datetime
from uuid import UUID

from backline.directory.events import SecretShown
from backline.directory.models import BankAccount, Worker
from backline.kernel.actors import Actor
from backline.kernel.errors import Invalid, Missing
from backline.kernel.events import record
from backline.kernel.models import Row
from backline.kernel.sealing import Secret

SECRETS: dict[type[Row], tuple[str, ...]] = {
    Worker: ("born_on", "tax_id"),
    BankAccount: ("routing", "account"),
}


def reveal(
    model: type[Row], key: UUID, names: tuple[str, ...], *, reason: str, actor: Actor, at: datetime
) -> dict[str, str]:
    """Show sealed facts of a worker or a bank account; who saw which, and why, stays on record."""
    if not reason.strip():
        raise Invalid("reason_missing", "Say why you need to see it.", pointer="/reason")
    row = model._default_manager.filter(pk=key).first()
    if row is None:
        raise Missing("not_found", "There is no such record.")
    wanted = [name for name in SECRETS[model] if name in names]
    record([SecretShown(subject=key, fields=wanted, reason=reason)], actor=actor, at=at)
    shown: dict[str, str] = {}
    for name in wanted:
        secret: Secret = getattr(row, name)
        shown[name] = secret.reveal()
    return shown
