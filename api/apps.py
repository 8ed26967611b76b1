"""The app: the frame's own rows; its consumers are loaded when it is ready."""

from django.apps import AppConfig


class Api(AppConfig):
    """How the product is reached."""

    name = "api"
    label = "api"
