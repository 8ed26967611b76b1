"""python3 manage.py compare: every firm's schema held against the template, by the catalog."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenants.bootstrap import comparing


class Command(BaseCommand):
    """Prints what differs in any schema from what the template makes; ends with 1 where it does."""

    help = "Hold columns, constraints, indexes and rights of every schema against the template."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Compare, and print a row a difference."""
        found = comparing.differences()
        if found:
            self.stdout.write(comparing.table(found))
            raise CommandError(f"{len(found)} differences from the template.", returncode=1)
        self.stdout.write("Every schema is what the template makes.")
