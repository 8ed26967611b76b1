"""What can be done at the desk: open, take, resolve, dismiss; say who answers for what; write
to people.
"""

from backline.desk.actions.messages import Letter, claim_messages, not_sent, sent, write
from backline.desk.actions.troubles import (
    OPEN,
    Found,
    close_for,
    decide_responsibility,
    dismiss,
    given_up,
    open_exceptions,
    release,
    resolve,
    restate,
    take,
)

__all__ = [
    "OPEN",
    "Found",
    "Letter",
    "claim_messages",
    "close_for",
    "decide_responsibility",
    "dismiss",
    "given_up",
    "not_sent",
    "open_exceptions",
    "release",
    "resolve",
    "restate",
    "sent",
    "take",
    "write",
]
