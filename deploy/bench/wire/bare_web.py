"""The bare application as a web process of its own: `gunicorn deploy.bench.wire.bare_web`."""

import django

django.setup()

from deploy.bench.wire import bare  # noqa: E402  # models stand only now

bare.reaches(bare.ALIAS, bare.SCHEMA)
application = bare.application()
