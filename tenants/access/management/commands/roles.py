"""python3 manage.py roles: draw the role matrix into tenants/access/README.md."""

from typing import Any

from django.core.management.base import BaseCommand

from tenants.access import roles


class Command(BaseCommand):
    """Draws the table that stands in the README from matrix.toml."""

    help = "Draw the role matrix into tenants/access/README.md."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Write the page anew between its two marks."""
        page = roles.PAGE.read_text(encoding="utf-8")
        roles.PAGE.write_text(roles.drawn_into(page), encoding="utf-8")
        self.stdout.write(f"{len(roles.ALL_SCOPES)} functions, {len(roles.MATRIX.roles)} roles.")
