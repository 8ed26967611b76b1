"""bootstrap: makes a server ready, or puts it right."""

from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants.agencies import actions
from tenants.bootstrap import making, probes, raising


class Command(BaseCommand):
    """Make roles, schemas, tables and walls; again changes nothing that is right."""

    help = "Make roles, schemas, tables and walls; again changes nothing that is right."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """What it takes."""
        parser.add_argument(
            "--superuser",
            default="",
            help="Address of a superuser; without it roles are left alone.",
        )
        parser.add_argument("--spares", type=int, default=0, help="How many ready spares to keep.")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it, and say what was done."""
        own, app = settings.DATABASES["owner"], settings.DATABASES["default"]
        if options["superuser"]:
            url = options["superuser"]
            making.make_engine(
                url, app["NAME"], app_password=app["PASSWORD"], owner_password=own["PASSWORD"]
            )
            self.stdout.write(f"Engine ready as {unquote(urlsplit(url).username or '')}.")
        making.make_shared()
        raised = raising.raise_firms(self.stdout.write)
        if raised.failed:
            raise CommandError(str(raised))
        made = actions.make_spares(options["spares"])
        probes.require_walls()
        self.stdout.write(
            f"Shared schema ready, {raised.firms} firms raised, {made} spares made, walls stand."
        )
