"""Ledger as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Loads the stage's reactions when Django is ready."""

    name = "backline.ledger"
    label = "ledger"

    def ready(self) -> None:
        """Register what this stage does when something happens."""
        import_module("backline.ledger.reactions")
