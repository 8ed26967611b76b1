"""The web process: gunicorn --config deploy/web.py deploy.wsgi"""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings.production")

application = get_wsgi_application()

from deploy import collecting  # noqa: E402  # the settings must stand before
from tenants.agencies import template  # noqa: E402
from tenants.bootstrap import probes  # noqa: E402

probes.require_walls()
template.release()  # named once, before the first call asks for it
collecting.settle()
