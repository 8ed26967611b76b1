"""What can be done about who may enter: people, sessions, keys, and acting inside an agency."""

from tenants.access.actions.acting import Entered, enter, leave
from tenants.access.actions.keys import Issued, issue, revoke, roll
from tenants.access.actions.people import (
    Accepted,
    Enrolment,
    accept,
    activate,
    change_role,
    end,
    enrol,
    invite,
)
from tenants.access.actions.sessions import (
    SignedIn,
    account_of,
    begin,
    change_password,
    refresh_factor,
    sign_in,
    sign_out,
)

__all__ = [
    "Accepted",
    "Enrolment",
    "Entered",
    "Issued",
    "SignedIn",
    "accept",
    "account_of",
    "activate",
    "begin",
    "change_password",
    "change_role",
    "end",
    "enrol",
    "enter",
    "invite",
    "issue",
    "leave",
    "refresh_factor",
    "revoke",
    "roll",
    "sign_in",
    "sign_out",
]
