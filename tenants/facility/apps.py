"""The facility as a Django app."""

from django.apps import AppConfig


class FacilityConfig(AppConfig):
    """Funding as it is seen from the partner."""

    name = "tenants.facility"
    label = "facility"
