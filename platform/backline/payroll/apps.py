"""Payroll as a Django app."""

from importlib import import_module

from django.apps import AppConfig


class PayrollConfig(AppConfig):
    """Loads the stage's reactions when Django is ready."""

    name = "backline.payroll"
    label = "payroll"

    def ready(self) -> None:
        """Register what this stage does when something happens, and the work it does later."""
        import_module("backline.payroll.chain")
        import_module("backline.payroll.reactions")
        import_module("backline.payroll.actions")
        import_module("backline.payroll.papers")
