"""Integrations as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    """Loads the stage's reactions when Django is ready."""

    name = "backline.integrations"
    label = "integrations"

    def ready(self) -> None:
        """Register what this stage does when something happens."""
        import_module("backline.integrations.reactions")
        import_module("backline.integrations.actions.imports")  # it treats what waits
