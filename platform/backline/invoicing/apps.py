"""Invoicing as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class InvoicingConfig(AppConfig):
    """Loads the stage's reactions when Django is ready."""

    name = "backline.invoicing"
    label = "invoicing"

    def ready(self) -> None:
        """Register what this stage does when something happens, and the work it does later."""
        import_module("backline.invoicing.reactions")
        import_module("backline.invoicing.printing")
