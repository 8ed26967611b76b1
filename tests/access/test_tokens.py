"""Tokens are told from any other text, recognised without being kept, printed without secret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.access import tokens

TOKEN = tokens.new(tokens.KEY, livemode=False)


def test_a_token_is_read_as_it_was_made():
    again = tokens.read(TOKEN.text)

    assert again == TOKEN
    assert again.matches(TOKEN.digest)
    assert TOKEN.text.startswith("blk_test_")


def test_two_tokens_are_never_alike():
    made = {tokens.new(tokens.SESSION, livemode=True).text for _ in range(1000)}

    assert len(made) == 1000


@given(place=st.integers(9, len(TOKEN.text) - 1), letter=st.sampled_from(tokens.LETTERS))
def test_a_token_with_one_wrong_letter_is_not_one(place: int, letter: str):
    wrong = TOKEN.text[:place] + letter + TOKEN.text[place + 1 :]

    assert wrong == TOKEN.text or tokens.read(wrong) is None


@pytest.mark.parametrize(
    "text",
    ["", "blk_test_", TOKEN.text[:-1], f" {TOKEN.text}", TOKEN.text + "\n", "Bearer x"],
    ids=["nothing", "prefix", "cut short", "space before", "line end", "header"],
)
def test_another_text_is_not_a_token(text: str):
    assert tokens.read(text) is None


def test_a_test_token_does_not_become_a_live_one():
    assert tokens.read(TOKEN.text.replace("_test_", "_live_")) is None


def test_what_is_printed_holds_no_secret():
    secret = TOKEN.text.split("_")[3]

    assert secret not in repr(TOKEN)
    assert secret not in f"{TOKEN}"


def test_what_is_kept_depends_on_the_pepper(settings):
    kept = TOKEN.digest
    settings.ACCESS_PEPPER = "another pepper, long enough to be one"

    assert TOKEN.digest != kept
    again = tokens.read(TOKEN.text)
    assert again
    assert not again.matches(kept)
