"""python3 manage.py export: one firm's books, whole, into a file."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backline.kernel import ids
from backline.kernel.actors import SYSTEM
from tenants import exporting, tenancy
from tenants.agencies import queries
from tenants.agencies.models import Firm


class Command(BaseCommand):
    """Writes a zip of every table as CSV, every document, and a manifest with their hashes."""

    help = "Take one firm's records out, whole, into a zip that is only for its owner's eyes."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the firm by its name or id, the file, and why."""
        parser.add_argument("--agency", required=True, help="A firm's name, or its id (agy_…).")
        parser.add_argument("--out", required=True, type=Path, help="A file that is not there yet.")
        parser.add_argument("--reason", required=True, help="Why; it stands in the firm's events.")

    def handle(self, *_args: Any, **given: Any) -> None:
        """Write it, and say what is in it."""
        with tenancy.shared():
            found = [firm.public_id for firm in _named(given["agency"])]
        if len(found) != 1:
            raise CommandError(f"{len(found)} firms are called so; name one by its id.")
        out: Path = given["out"]
        try:
            with out.open("xb") as file:
                out.chmod(0o600)
                made = exporting.take(
                    found[0], file, reason=given["reason"], actor=SYSTEM, at=datetime.now(UTC)
                )
        except FileExistsError as error:
            raise CommandError(f"{out} is there already.") from error
        self.stdout.write(f"{out}: {len(made.parts)} files, {made.rows} rows of tables")


def _named(name: str) -> list[Firm]:
    named = {"pk": key} if (key := ids.parse(Firm.PREFIX, name)) else {"name": name}
    return list(queries.reachable().filter(**named))
