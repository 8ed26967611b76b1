"""The kernel as a Django app."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """First of the stages."""

    name = "backline.kernel"
    label = "kernel"

    def ready(self) -> None:
        """Teach fields the kernel's own lookup."""
        from backline.kernel import lookups

        lookups.register()
