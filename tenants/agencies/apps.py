"""The app."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class AgenciesConfig(AppConfig):
    """The registry of firms, in the shared schema."""

    name = "tenants.agencies"
    label = "agencies"

    def ready(self) -> None:
        """Have a firm's bell rung after every commit that leaves something to do."""
        from backline.kernel import events
        from tenants import tasks

        # Whatever process this is, bells go to our own broker and to no other.
        import_module(settings.WORKER)
        events.ring_with(tasks.ring_here)
