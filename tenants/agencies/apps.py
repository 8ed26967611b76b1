"""The app."""

from django.apps import AppConfig


class AgenciesConfig(AppConfig):
    """The registry of firms, in the shared schema."""

    name = "tenants.agencies"
    label = "agencies"
