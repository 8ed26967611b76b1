"""Reports as a Django app."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """What the partner may know of all its agencies at once."""

    name = "tenants.reports"
    label = "reports"
