"""Makes a database ready for this release: python -m deploy.release

Run once before the processes of a new release start; running it again changes nothing. With
ADMIN_DATABASE_URL, a superuser's address, it also makes the logins, the database and the walls;
without, it raises the tables alone, as the owner. A firm that fails is named and keeps its release.
"""

from __future__ import annotations

import os
import sys
from urllib.parse import urlsplit, urlunsplit


def make_ready() -> int:
    """Make logins, walls and tables, as far as the addresses allow; count the firms raised."""
    import django
    from django.conf import settings

    from deploy.settings import environment

    django.setup()
    from tenants.bootstrap import making

    admin = environment.text("ADMIN_DATABASE_URL", "")
    if admin:
        making.make_engine(
            urlunsplit(urlsplit(admin)._replace(path="/postgres")),
            settings.DATABASES["default"]["NAME"],
            app_password=settings.DATABASES["default"]["PASSWORD"],
            owner_password=settings.DATABASES["owner"]["PASSWORD"],
        )
    making.make_shared()
    return making.raise_firms()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings.production")
    sys.stdout.write(f"ready; {make_ready()} firms were raised to this release\n")
