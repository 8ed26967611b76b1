"""Which of two messages is newer: decided by the source's words, the same way round for both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backline.integrations.tokens import NEWER, OLDER, SAME, UNKNOWN, Token, read, told

MORNING = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
OPPOSITE = {NEWER: OLDER, OLDER: NEWER, SAME: SAME, UNKNOWN: UNKNOWN}
versions = st.none() | st.integers(min_value=0, max_value=10**18)
moments = st.none() | st.integers(min_value=0, max_value=10**6).map(
    lambda seconds: MORNING + timedelta(seconds=seconds)
)
TOKENS = st.builds(Token, versions, moments, st.sampled_from(["", "a", "b"]))


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        (Token(2), Token(1), NEWER),
        (Token(1), Token(2), OLDER),
        (Token(1), Token(1), SAME),
        (Token(1), Token(), UNKNOWN),
        (Token(None, MORNING), Token(None, MORNING - timedelta(seconds=1)), NEWER),
        (Token(9, MORNING, "a"), Token(1, MORNING, "b"), SAME),
        (Token(9, None, "a"), Token(1, None, "b"), UNKNOWN),
        (Token(1, MORNING), Token(2, MORNING - timedelta(1)), OLDER),
    ],
)
def test_a_version_goes_before_a_moment_and_counts_for_its_own_record(mine, theirs, expected):
    assert mine.against(theirs) == expected


@given(TOKENS, TOKENS)
def test_what_is_newer_for_one_is_older_for_the_other(mine, theirs):
    assert mine.against(theirs) == OPPOSITE[theirs.against(mine)]


@given(TOKENS)
def test_a_token_is_read_as_it_was_kept(token):
    kept = str(token)

    assert len(kept) <= 80
    if token.is_given:
        assert read(kept) == token
        assert told(kept)
    else:
        assert (kept, read(kept), told(kept)) == ("", Token(), "")
