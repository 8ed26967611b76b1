"""Makes a database ready for this release: python -m deploy.release

Run once before the processes of a new release start; running it again changes nothing. With
ADMIN_DATABASE_URL, a superuser's address, it also makes the logins, the database and the walls;
without, it raises the tables alone, as the owner. It may be killed anywhere and run again. A firm
that fails is named and keeps its release; nobody is let into its books until it is raised.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from tenants.bootstrap.raising import Raised, Tell


def make_ready(tell: Tell = lambda _: None) -> Raised:
    """Make logins, walls and tables, as far as the addresses allow, and say which firms failed."""
    import django
    from django.conf import settings

    from deploy.settings import environment

    django.setup()
    from tenants.bootstrap import making, raising

    admin = environment.text("ADMIN_DATABASE_URL", "")
    if admin:
        making.make_engine(
            urlunsplit(urlsplit(admin)._replace(path="/postgres")),
            settings.DATABASES["default"]["NAME"],
            app_password=settings.DATABASES["default"]["PASSWORD"],
            owner_password=settings.DATABASES["owner"]["PASSWORD"],
        )
    making.make_shared()
    tell("the shared schema is ready")
    return raising.raise_firms(tell)


def main() -> int:
    """Make everything ready, telling how far it is; 1 when a firm could not be raised."""
    found = make_ready(_tell)
    _tell(f"ready; {found}")
    return 1 if found.failed else 0


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings.production")
    sys.exit(main())
