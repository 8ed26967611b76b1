"""What can be done about who may enter: people, sessions, keys, and acting inside an agency."""

from tenants.access.actions.acting import Entered, enter, leave
from tenants.access.actions.codes import Enrolment
from tenants.access.actions.keys import Issued, issue, revoke, roll
from tenants.access.actions.own import (
    begin_factor,
    change_password,
    confirm_factor,
    new_recovery_codes,
)
from tenants.access.actions.people import (
    Accepted,
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
    "begin_factor",
    "change_password",
    "change_role",
    "confirm_factor",
    "end",
    "enrol",
    "enter",
    "invite",
    "issue",
    "leave",
    "new_recovery_codes",
    "refresh_factor",
    "revoke",
    "roll",
    "sign_in",
    "sign_out",
]
