"""spec: write openapi/v1.yaml anew from the doors."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from api.document import written

FILE = Path(__file__).resolve().parents[3] / "openapi" / "v1.yaml"


class Command(BaseCommand):
    """Write the document, or check that it is what the doors say."""

    help = "Write openapi/v1.yaml from the doors; --check only compares."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """--check compares and writes nothing."""
        parser.add_argument("--check", action="store_true")

    def handle(self, **options: Any) -> None:
        """Write or compare."""
        text = written()
        if options["check"]:
            if not FILE.exists() or FILE.read_bytes() != text:
                raise CommandError("openapi/v1.yaml is not what the doors say: manage.py spec")
            return
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_bytes(text)
        self.stdout.write(f"{FILE.name}: {len(text)} bytes")
