"""The mail that the sandbox sent: a folder of files, as a client's mailbox would hold them."""

from __future__ import annotations

import email
import re
from dataclasses import dataclass
from email import policy
from pathlib import Path

LINK = re.compile(r"/a/([\w.~-]+)")


@dataclass(frozen=True, slots=True)
class Mail:
    """Reads what was mailed to somebody."""

    folder: Path

    def token(self, *, to: str, about: str) -> str:
        """The newest link in a mail to this address that speaks of this; empty if there is none."""
        found = ""
        for file in sorted(self.folder.glob("*"), key=lambda path: path.stat().st_mtime):
            letter = email.message_from_bytes(file.read_bytes(), policy=policy.default)
            body = letter.get_body(("plain",))
            text = body.get_content() if body else ""
            if to in str(letter["To"]) and about in text:
                link = LINK.search(text)
                found = link[1] if link else found
        return found
