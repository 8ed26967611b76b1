"""The mail that the sandbox sent: a folder of files, as a client's mailbox would hold them."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from pathlib import Path

from backline.integrations.gateways import folder

LINK = re.compile(r"https?://\S+(/[aw]/)([\w.~-]+)")


@dataclass(frozen=True, slots=True)
class Mail:
    """Reads what was mailed to somebody."""

    folder: Path

    def token(self, *, to: str, about: str) -> str:
        """The newest approver's link in a mail to this address that speaks of this; else empty."""
        found = ""
        for address, text in self._letters():
            link = LINK.search(text)
            if to in address and about in text and link and link[1] == "/a/":
                found = link[2]
        return found

    def newest(self, kind: str) -> str:
        """The newest link of a kind that was mailed to anybody; empty if there is none."""
        found = [
            link[0] for _, text in self._letters() for link in LINK.finditer(text)
            if link[1] == kind
        ]  # fmt: skip
        return found[-1] if found else ""

    def _letters(self) -> Iterator[tuple[str, str]]:
        """To whom and what, oldest first."""
        for file in folder.mails(self.folder):
            letter = email.message_from_bytes(file.read_bytes(), policy=policy.default)
            body = letter.get_body(("plain",))
            yield str(letter["To"]), body.get_content() if body else ""
