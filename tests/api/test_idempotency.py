"""The same call under the same key has one effect and one answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.api.trial import Trial, count_of, is_noted, open_doors
from tests.callers import key_of


@pytest.fixture
def trial(db, agency):
    with open_doors(key="optional", dry_run=True):
        yield Trial(key_of(agency))


def test_a_repeat_answers_as_before_and_changes_nothing(trial, agency):
    first = trial.add({"by": 2}, Idempotency_Key="one")
    again = trial.add({"by": 2}, Idempotency_Key="one")

    assert first[:2] == again[:2] == (200, {"last": 2, "dry_run": False})
    assert "Idempotent-Replayed" not in first[2]
    assert again[2]["Idempotent-Replayed"] == "true"
    assert count_of(agency) == 2


def test_a_repeat_answers_as_before_where_a_new_call_is_refused_without_a_question(
    trial, agency, monkeypatch
):
    first = trial.add({"by": 2}, Idempotency_Key="one")
    monkeypatch.setattr("tests.api.trial.IS_CLOSED", True)
    again = trial.add({"by": 2}, Idempotency_Key="one")
    other = trial.add({"by": 2}, Idempotency_Key="two")

    assert first[:2] == again[:2]
    assert (other[0], other[1]["code"]) == (409, "closed")
    assert count_of(agency) == 2

    monkeypatch.setattr("tests.api.trial.IS_CLOSED", False)
    assert trial.add({"by": 3}, Idempotency_Key="two")[1]["last"] == 5


def test_a_quoted_key_is_the_same_key(trial, agency):
    trial.add(Idempotency_Key='"one"')
    trial.add(Idempotency_Key="one")

    assert count_of(agency) == 1


@pytest.mark.parametrize("query", ["", "?dry_run=false"])
def test_a_key_is_not_taken_for_another_call(trial, agency, query):
    trial.add({"by": 1}, Idempotency_Key="one")

    status, body, _ = trial.add({"by": 1 if query else 2}, query=query, Idempotency_Key="one")

    assert (status, body["code"]) == (422, "idempotency_key_reused")
    assert count_of(agency) == 1


def test_a_refusal_leaves_the_key_free(trial, agency):
    refused = trial.add({"by": 1, "then": "refuse"}, Idempotency_Key="one")
    invalid = trial.add({"by": 0}, Idempotency_Key="one")
    done = trial.add({"by": 5}, Idempotency_Key="one")

    assert (refused[0], invalid[0], done[0]) == (409, 422, 200)
    assert count_of(agency) == 5


def test_an_error_of_ours_leaves_nothing_and_the_key_free(trial, agency):
    status, body, _ = trial.add({"by": 1, "then": "break"}, Idempotency_Key="one")

    assert (status, body["code"]) == (500, "internal_error")
    assert "inside" not in str(body)
    assert count_of(agency) == 0
    assert trial.add({"by": 1}, Idempotency_Key="one")[0] == 200


def test_a_key_belongs_to_its_caller(trial, agency):
    other = Trial(key_of(agency))

    trial.add({"by": 1}, Idempotency_Key="one")
    status, body, headers = other.add({"by": 2}, Idempotency_Key="one")

    assert (status, body["last"]) == (200, 3)
    assert "Idempotent-Replayed" not in headers


def test_a_key_belongs_to_its_firm(trial, agency, other_agency):
    other = Trial(key_of(other_agency))

    trial.add({"by": 1}, Idempotency_Key="one")
    other.add({"by": 2}, Idempotency_Key="one")

    assert (count_of(agency), count_of(other_agency)) == (1, 2)


def test_an_expired_key_is_free_again(trial, agency, monkeypatch):
    from api import idempotency

    monkeypatch.setattr(idempotency, "KEPT_FOR", timedelta(seconds=-1))
    trial.add(Idempotency_Key="one")
    trial.add(Idempotency_Key="one")

    assert count_of(agency) == 2


@pytest.mark.parametrize("key", ["", " ", '""', "x" * 256, "é"])
def test_a_key_that_cannot_be_one_is_refused(trial, agency, key):
    status, body, _ = trial.add(Idempotency_Key=key)

    assert (status, body["code"]) == (400, "idempotency_key_invalid")
    assert count_of(agency) == 0


def test_where_money_moves_a_key_is_required(db, agency):
    with open_doors(key="required"):
        status, body, _ = Trial(key_of(agency)).add()

    assert (status, body["code"]) == (400, "idempotency_key_required")
    assert count_of(agency) == 0


def test_the_kept_answer_is_sealed(trial, agency):
    from django.db import connection

    from tenants import tenancy

    trial.add({"by": 7}, Idempotency_Key="one")
    with tenancy.firm(agency.ref), connection.cursor() as cursor:
        cursor.execute("SELECT body FROM api_answered")
        (kept,) = cursor.fetchone()

    assert b"last" not in bytes(kept)


# --- doors that open their own books --------------------------------------------------------------


@pytest.fixture
def apart(db, agency, monkeypatch):
    from tenants import tenancy
    from tests.api import trial as trials

    plain = trials.add

    def add(call):
        """Add, in books that the deed opens itself."""
        with tenancy.firm(call.firm):
            return plain(call)

    monkeypatch.setattr(trials, "add", add)
    with open_doors(key="optional", role="apart"):
        yield Trial(key_of(agency))


def test_a_repeat_of_a_deed_apart_answers_as_before(apart, agency):
    first = apart.add({"by": 2}, Idempotency_Key="one")
    again = apart.add({"by": 2}, Idempotency_Key="one")
    other = apart.add({"by": 3}, Idempotency_Key="one")

    assert first[:2] == again[:2]
    assert again[2]["Idempotent-Replayed"] == "true"
    assert other[0] == 422
    assert count_of(agency) == 2


@pytest.mark.parametrize(("then", "status"), [("refuse", 409), ("break", 500)])
def test_a_deed_apart_that_failed_leaves_the_key_free(apart, agency, then, status):
    assert apart.add({"by": 1, "then": then}, Idempotency_Key="one")[0] == status
    assert apart.add({"by": 1}, Idempotency_Key="one")[0] == 200
    assert count_of(agency) == 1


def test_a_deed_apart_that_was_killed_can_be_repeated_after_its_lease(apart, agency, monkeypatch):
    from api import idempotency

    monkeypatch.setattr(idempotency, "release", lambda _claimed: None)
    apart.add({"by": 1, "then": "break"}, Idempotency_Key="one")
    during = apart.add({"by": 1, "then": "break"}, Idempotency_Key="one")
    monkeypatch.setattr(idempotency, "LEASE", timedelta(seconds=-1))
    apart.add({"by": 2, "then": "break"}, Idempotency_Key="two")

    assert (during[0], during[1]["code"]) == (409, "twin_is_running")
    assert apart.add({"by": 2, "then": "nothing"}, Idempotency_Key="two")[0] == 200


# --- beside it ------------------------------------------------------------------------------------


def test_a_dry_run_tells_the_result_and_keeps_nothing(trial, agency):
    status, body, headers = trial.add({"by": 3}, query="?dry_run=true", Idempotency_Key="one")

    assert (status, body) == (200, {"last": 3, "dry_run": True})
    assert headers["Dry-Run"] == "true"
    assert count_of(agency) == 0
    assert trial.add({"by": 3}, Idempotency_Key="one")[1]["last"] == 3


def test_what_is_remembered_of_a_refusal_outlives_it(trial, agency):
    trial.add({"by": 9, "then": "refuse"})

    assert count_of(agency) == 0
    assert is_noted(agency, 9)


def test_a_value_that_no_column_holds_is_refused(trial, agency):
    status, body, _ = trial.add({"by": 1, "then": "overflow"})

    assert (status, body["code"]) == (422, "value_out_of_range")
    assert count_of(agency) == 0
