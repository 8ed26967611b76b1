"""The app."""

from django.apps import AppConfig


class AgenciesConfig(AppConfig):
    """The registry of firms, in the shared schema."""

    name = "tenants.agencies"
    label = "agencies"

    def ready(self) -> None:
        """Have a firm's bell rung after every commit that leaves something to do."""
        from backline.kernel import events
        from tenants import tasks

        events.ring_with(tasks.ring_here)
