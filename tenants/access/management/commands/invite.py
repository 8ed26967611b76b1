"""python3 manage.py invite: ask somebody to join a firm where nobody is there to do it."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backline.kernel.actors import SYSTEM
from backline.kernel.errors import Refusal
from tenants import tenancy
from tenants.access import actions, queries


class Command(BaseCommand):
    """Mails an invitation; its token is printed nowhere."""

    help = "Invite somebody by mail to a firm: invite agy_… ada@example.com 'Ada Admin' owner"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the firm, and whom to ask to be what."""
        for name in ("firm", "email", "name", "role"):
            parser.add_argument(name)

    def handle(self, *_args: Any, **given: Any) -> None:
        """Invite, or say in a sentence why not."""
        firm = queries.firm_named(given["firm"])
        if firm is None:
            raise CommandError("Name the firm by its id, which begins with agy_.")
        try:
            with tenancy.firm(given["firm"]):
                made = actions.invite(
                    firm=firm,
                    email=given["email"],
                    name=given["name"],
                    role=given["role"],
                    actor=SYSTEM,
                    at=datetime.now(UTC),
                )
        except tenancy.NoSuchFirm as error:
            raise CommandError(str(error)) from None
        except Refusal as refusal:
            raise CommandError(" ".join(fault.detail for fault in refusal.faults)) from None
        self.stdout.write(f"An invitation to {made.email} is on its way.")
