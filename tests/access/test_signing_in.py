"""People sign in to one firm with password and code; a stranger who is refused learns nothing."""

from datetime import timedelta

import pytest

from backline.kernel.errors import Invalid
from tenants import tenancy
from tenants.access import actions, queries, throttles
from tenants.access.models import Membership, Person, Session
from tenants.access.refusals import NotSignedIn, TooManyTries
from tests.access.people import NOON, PASSWORD, enrolled, key_of, known

pytestmark = pytest.mark.django_db


def test_a_person_signs_in_and_is_known(owner, agency):
    credential = known(owner.signs_in())

    assert credential.kind == "session"
    assert credential.firm == agency.ref
    assert (credential.actor.kind, credential.actor.name) == ("person", "Olive Owner")
    assert "pay_runs:approve" in credential.scopes
    assert credential.is_fresh(NOON)


def test_an_email_is_taken_however_it_is_spelled(owner):
    assert owner.signs_in(email="  Olive@ACORN.example ")


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "a long sentence somebody says"},
        {"code": "000000"},
        {"email": "nobody@acorn.example"},
        {"email": "nobody@acorn.example", "code": "000000", "password": ""},
        {"password": ""},
        {"code": ""},
        {"password": PASSWORD + "\0"},
    ],
)
def test_whatever_is_wrong_the_words_are_the_same(owner, wrong):
    wrong = {"code": "999999"} | wrong if "email" in wrong else wrong
    with pytest.raises(NotSignedIn) as refusal:
        owner.signs_in(**wrong)

    assert str(refusal.value) == str(NotSignedIn())


def test_the_same_work_is_done_for_nobody(owner, monkeypatch):
    from django.contrib.auth import hashers

    done = []
    check = hashers.check_password

    def counted(*given):
        done.append(given)
        return check(*given)

    monkeypatch.setattr(hashers, "check_password", counted)
    for email in (owner.email, "nobody@acorn.example"):
        with pytest.raises(NotSignedIn):
            owner.signs_in(email=email, password="a long sentence somebody says")

    assert len(done) == 2


def test_a_code_is_good_once(owner):
    owner.signs_in()

    with pytest.raises(NotSignedIn):
        owner.signs_in()
    assert owner.signs_in(at=NOON + timedelta(seconds=30))


def test_an_older_code_is_refused_after_a_newer_one(owner):
    owner.signs_in(at=NOON + timedelta(seconds=30))

    with pytest.raises(NotSignedIn):
        owner.signs_in(at=NOON)


def test_a_disabled_person_is_a_stranger(owner):
    token = owner.signs_in()
    with tenancy.shared():
        Person.objects.filter(email=owner.email).update(disabled_at=NOON)

    assert known(token) is None
    with pytest.raises(NotSignedIn):
        owner.signs_in(at=NOON + timedelta(minutes=1))


def test_a_person_of_two_firms_says_which(owner, agency, other_agency):
    enrolled(other_agency, "auditor", owner.email)

    with pytest.raises(Invalid) as refusal:
        owner.signs_in()

    assert refusal.value.code == "firm_required"
    named = refusal.value.faults[0].facts["firms"]
    assert {each["id"] for each in named} == {agency.ref, other_agency.ref}


def test_a_session_of_a_person_of_two_firms_is_bound_to_one(owner, agency, other_agency):
    enrolled(other_agency, "auditor", owner.email)

    here = known(owner.signs_in(agency))
    there = known(owner.signs_in(other_agency, at=NOON + timedelta(minutes=1)))

    assert (here.firm, here.actor.role) == (agency.ref, "owner")
    assert (there.firm, there.actor.role) == (other_agency.ref, "auditor")
    assert here.actor.id == there.actor.id
    assert "pay_runs:approve" not in there.scopes


def test_a_firm_that_is_not_the_persons_is_not_entered(owner, other_agency):
    with pytest.raises(Invalid) as refusal:
        owner.signs_in(other_agency)

    assert other_agency.ref not in str(refusal.value.faults)


def test_a_session_ends_when_nobody_uses_it(owner):
    token = owner.signs_in()

    assert known(token, at=NOON + timedelta(minutes=29))
    assert known(token, at=NOON + timedelta(minutes=58))
    assert known(token, at=NOON + timedelta(minutes=88)) is None


def test_a_session_ends_after_twelve_hours_however_busy(owner):
    token = owner.signs_in()
    with tenancy.signing_in():
        Session.objects.update(seen_at=NOON + timedelta(hours=12))

    assert known(token, at=NOON + timedelta(hours=12)) is None


def test_a_session_that_was_signed_out_is_unknown(owner):
    token = owner.signs_in()
    with tenancy.shared():
        actions.sign_out(credential=_seen(token), at=NOON)

    assert known(token) is None


def _seen(token):
    return queries.credential(token, NOON)


def test_a_page_and_the_api_do_not_take_each_others_sessions(owner):
    api = owner.signs_in()
    page = owner.signs_in(at=NOON + timedelta(seconds=30), kind="page")

    assert known(api, page=True) is None
    assert known(page) is None
    assert known(page, page=True, at=NOON + timedelta(seconds=30))


def test_an_ended_membership_ends_its_sessions_at_once(owner, agency):
    token = owner.signs_in()
    enrolled(agency, "owner", "oscar@acorn.example")
    with tenancy.shared():
        membership = Membership.objects.get(email=owner.email)
    with tenancy.firm(agency.ref):
        actions.end(firm=key_of(agency), membership=membership.pk, actor=known_actor(), at=NOON)

    assert known(token) is None


def known_actor():
    from backline.kernel.actors import SYSTEM

    return SYSTEM


def test_a_new_password_ends_every_session(owner):
    token = owner.signs_in()
    later = NOON + timedelta(minutes=1)
    credential = known(token, at=later)
    with tenancy.signing_in():
        actions.change_password(
            credential=credential,
            old=owner.password,
            new="another sentence nobody says",
            code=owner.code(later),
            at=later,
        )

    assert known(token, at=later) is None
    with pytest.raises(NotSignedIn):
        owner.signs_in(at=later + timedelta(minutes=1))
    assert owner.signs_in(at=later + timedelta(minutes=2), password="another sentence nobody says")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("fourteen chars", "password_too_short"),
        ("olive@acorn.example", "password_too_similar"),
        ("x" * 257, "password_too_long"),
    ],
)
def test_a_bad_password_is_refused_with_the_reason(owner, password, code):
    later = NOON + timedelta(minutes=1)
    credential = known(owner.signs_in())
    with tenancy.signing_in(), pytest.raises(Invalid) as refusal:
        actions.change_password(
            credential=credential,
            old=owner.password,
            new=password,
            code=owner.code(later),
            at=later,
        )

    assert code in [fault.code for fault in refusal.value.faults]


# --- the second factor again --------------------------------------------------------------------


def test_a_fresh_factor_lasts_five_minutes(owner):
    token = owner.signs_in()

    assert known(token).is_fresh(NOON + timedelta(minutes=4, seconds=59))
    assert not known(token).is_fresh(NOON + timedelta(minutes=5))


def test_a_new_code_makes_it_fresh_again(owner):
    token, later = owner.signs_in(), NOON + timedelta(minutes=10)
    credential = known(token, at=later)
    with tenancy.signing_in():
        actions.refresh_factor(credential=credential, code=owner.code(later), address="", at=later)

    assert known(token, at=later).is_fresh(later)


def test_the_code_of_the_sign_in_does_not_make_it_fresh_again(owner):
    token = owner.signs_in()
    with tenancy.signing_in(), pytest.raises(Invalid):
        actions.refresh_factor(credential=known_in(token), code=owner.code(), address="", at=NOON)


def known_in(token):
    return queries.credential(token, NOON)


# --- too many tries -----------------------------------------------------------------------------


def tries(count: int, *, account: str = "olive@acorn.example", address: str = "203.0.113.7"):
    for _ in range(count):
        with tenancy.signing_in():
            throttles.claim(account=account, address=address, at=NOON)


def waits(account: str, address: str) -> int:
    with tenancy.signing_in(), pytest.raises(TooManyTries) as refusal:
        throttles.claim(account=account, address=address, at=NOON)
    return refusal.value.seconds


@pytest.mark.parametrize("account", ["olive@acorn.example", "nobody@acorn.example"])
def test_the_sixth_try_waits_whether_or_not_there_is_an_account(owner, account):
    tries(5, account=account)

    assert waits(account, "203.0.113.7") == 1


def test_the_wait_doubles_and_stays_under_a_minute():
    seconds = [int(throttles.ACCOUNT.wait_after(count).total_seconds()) for count in range(4, 14)]

    assert seconds == [0, 1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_an_account_that_waits_does_not_hold_up_another(owner):
    tries(5, account="nobody@acorn.example")
    tries(1)


def test_an_address_that_tries_many_accounts_waits():
    for number in range(50):
        tries(1, account=f"{number}@acorn.example")

    assert waits("yet.another@acorn.example", "203.0.113.7") == 1
    tries(1, account="yet.another@acorn.example", address="203.0.113.8")


def test_who_gets_in_begins_anew(owner):
    tries(4)
    with tenancy.signing_in():
        actions.sign_in(
            email=owner.email,
            password=owner.password,
            code=owner.code(),
            address="203.0.113.7",
            at=NOON,
        )
    tries(4)


def test_tries_are_forgotten_once_no_wait_depends_on_them(owner):
    from tenants.access.models import Attempt

    tries(2)
    with tenancy.signing_in():
        throttles.claim(account="late@acorn.example", address="", at=NOON + timedelta(seconds=1))
        assert throttles.forget(at=NOON + timedelta(hours=24)) == 0
        gone = [throttles.forget(at=NOON + timedelta(hours=24, seconds=1), most=1) for _ in "abc"]
        assert (gone, Attempt.objects.count()) == ([1, 1, 0], 1)


def test_what_was_tried_is_not_kept_in_words(owner):
    from tenants.access.models import Attempt

    tries(1)
    with tenancy.signing_in():
        kept = [bytes(row.key) for row in Attempt.objects.all()]

    assert len(kept) == 2
    assert all(b"acorn" not in key and b"203" not in key for key in kept)
