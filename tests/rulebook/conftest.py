"""The arithmetic is tested with or without Django's plugin; without it nobody knows its setting."""

from contextlib import suppress

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Know the setting of the plugin that was left out, since unknown settings are refused."""
    with suppress(ValueError):
        parser.addini("DJANGO_SETTINGS_MODULE", "read by the Django plugin, where it is present")
