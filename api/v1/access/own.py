"""/v1/me: what people change about their own way in; a change ends all their sessions."""

from api import clock, fields
from api.callers import address
from api.door import Call, door
from api.resource import Shape, Text, Words
from api.v1.access.sessions import TAG, shown_code, someone, told, typed_password
from tenants import tenancy
from tenants.access import actions, factors, throttles
from tenants.access.queries import Credential

SECRET = Shape(
    "NewFactor",
    (
        Text("totp_secret", doc="For the authenticator app; shown now alone."),
        Text("totp_uri", doc="The same as the address behind a QR code."),
    ),
    doc="A new authenticator secret, which counts once it is confirmed.",
)
RECOVERY = Shape(
    "RecoveryCodes",
    (Words("codes", doc="Each serves once in place of a code. They are shown now alone."),),
    doc="For the day the phone is gone.",
)


class PasswordIn(fields.Input):
    """The old password, the new one, and a code."""

    password = typed_password()
    new_password = typed_password()
    code = shown_code()


@door("POST", "/v1/me/password", "me_change_password", scope="me:read", body=PasswordIn,
      role="apart", tag=TAG)  # fmt: skip
def change_password(call: Call) -> object:
    """Change one's password; every session ends, this one too."""
    own, given = _counted(call), call.body
    with told(), tenancy.signing_in():
        actions.change_password(
            credential=own,
            old=given["password"],
            new=given["new_password"],
            code=given["code"],
            at=clock.now(),
        )
    return None


class FactorIn(fields.Input):
    """The password, and a code of the present app or a recovery code."""

    password = typed_password()
    code = shown_code()


@door("POST", "/v1/me/factor", "me_change_factor", scope="me:read", body=FactorIn, answers=SECRET,
      role="apart", tag=TAG)  # fmt: skip
def change_factor(call: Call) -> object:
    """Get the secret for a new authenticator app; the old one counts until it is confirmed."""
    own, given = _counted(call), call.body
    with told(), tenancy.signing_in():
        made = actions.begin_factor(
            credential=own, password=given["password"], code=given["code"], at=clock.now()
        )
    uri = factors.uri(made.secret, email=made.person.email)
    return SECRET.show({"totp_secret": made.secret, "totp_uri": uri})


class ConfirmIn(fields.Input):
    """A code that the new app shows."""

    code = shown_code()


@door("POST", "/v1/me/factor/confirm", "me_confirm_factor", scope="me:read", body=ConfirmIn,
      role="apart", tag=TAG)  # fmt: skip
def confirm_factor(call: Call) -> object:
    """Change to the new authenticator app; every session ends, this one too."""
    own = _counted(call)
    with told(), tenancy.signing_in():
        actions.confirm_factor(credential=own, code=call.body["code"], at=clock.now())
    return None


@door("POST", "/v1/me/recovery-codes", "me_make_recovery_codes", scope="me:read",
      answers=RECOVERY, role="apart", fresh=True, tag=TAG)  # fmt: skip
def make_recovery_codes(call: Call) -> object:
    """Make ten recovery codes; those made before no longer serve."""
    own = someone(call)
    with told(), tenancy.signing_in():
        made = actions.new_recovery_codes(credential=own)
    return RECOVERY.show({"codes": list(made)})


def _counted(call: Call) -> Credential:
    """The person who calls, their try counted before it is judged."""
    own = someone(call)
    with told(), tenancy.signing_in():
        account, where = actions.account_of(own), address(call.request)
        throttles.claim(account=account, address=where, at=clock.now())
    return own
