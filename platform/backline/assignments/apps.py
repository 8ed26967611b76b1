"""Assignments as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class AssignmentsConfig(AppConfig):
    """Loads the stage's reactions when Django is ready."""

    name = "backline.assignments"
    label = "assignments"

    def ready(self) -> None:
        """Register what this stage does when something happens."""
        import_module("backline.assignments.reactions")
