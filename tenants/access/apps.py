"""The app of access, in the shared schema."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Who is calling, and what they may do."""

    name = "tenants.access"
    label = "access"
