"""The kernel as a Django app."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """First of the stages."""

    name = "backline.kernel"
    label = "kernel"
