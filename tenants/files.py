"""The files of one firm, in a folder of its own; nothing opens a file where no firm is open."""

from __future__ import annotations

import os
from typing import Any, NoReturn

from django.conf import settings
from django.core.files.storage import FileSystemStorage

from backline.kernel import here


class FirmFiles(FileSystemStorage):
    """Files under the open firm's folder; a name that leads out of it is refused by Django."""

    def __init__(self, location: str | None = None, **how: Any) -> None:
        super().__init__(location=location, **how)
        self._given = location

    @property
    def base_location(self) -> str:
        """The open firm's folder; raises NoFirm where none is open."""
        return os.path.join(self._given or settings.MEDIA_ROOT, here.firm())

    @property
    def location(self) -> str:
        """The open firm's folder, in full."""
        return os.path.abspath(self.base_location)

    def url(self, name: str | None) -> NoReturn:  # noqa: ARG002  # Django's signature
        """Refuse: files are handed out by the API, which asks who is calling."""
        raise ValueError("files have no address; the API hands them out")
