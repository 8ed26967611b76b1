"""One-time codes are those of RFC 6238, and each is good once."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from tenants.access import factors

# RFC 6238, appendix B, SHA-1; the last six of the eight digits printed there.
RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
RFC = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]
NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
SECRET = factors.new_secret()


@pytest.mark.parametrize(("seconds", "code"), RFC)
def test_codes_are_those_the_standard_prints(seconds: int, code: str):
    assert factors.code_at(RFC_SECRET, datetime.fromtimestamp(seconds, UTC)) == code


@pytest.mark.parametrize("late", [-30, 0, 30])
def test_a_code_is_taken_a_step_early_or_late(late: int):
    code = factors.code_at(SECRET, NOON + timedelta(seconds=late))

    assert factors.step_of(SECRET, code, NOON, after=0) is not None


@pytest.mark.parametrize("late", [-90, 90])
def test_a_code_of_another_time_is_not_taken(late: int):
    code = factors.code_at(SECRET, NOON + timedelta(seconds=late))
    near = {factors.code_at(SECRET, NOON + timedelta(seconds=step)) for step in (-30, 0, 30)}

    assert code in near or factors.step_of(SECRET, code, NOON, after=0) is None


def test_a_code_that_was_taken_is_not_taken_again():
    code = factors.code_at(SECRET, NOON)
    step = factors.step_of(SECRET, code, NOON, after=0) or 0

    assert factors.step_of(SECRET, code, NOON, after=step) is None


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦"])
def test_what_is_no_code_is_refused(code: str):
    assert factors.step_of(SECRET, code, NOON, after=0) is None


def test_the_address_behind_the_picture_names_issuer_and_person():
    uri = factors.uri(SECRET, email="ada@acorn.example")

    assert uri.startswith("otpauth://totp/Backline%3Aada%40acorn.example?")
    assert f"secret={SECRET}" in uri
