"""Calls at the same moment, each on a connection of its own, with real commits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from backline.kernel.models import Counter
from tests.api import trial as trials
from tests.api.trial import Trial, count_of, open_doors
from tests.callers import key_of

pytestmark = pytest.mark.usefixtures("committed")


def at_once(deeds: list[Callable[[], Any]]) -> list[Any]:
    """Do these in threads of their own, each leaving no connection behind."""

    def one(deed: Callable[[], Any]) -> Any:
        try:
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(one, deeds))


def test_ten_calls_under_one_key_are_done_once(places):
    agency = places["agency"]
    with open_doors(key="required"):
        token = key_of(agency)
        before = count_of(agency)
        replies = at_once(
            [lambda: Trial(token).add({"by": 1}, Idempotency_Key="ten")] * 10,
        )

    assert {status for status, _, _ in replies} <= {200, 409}
    done = [(body, headers) for status, body, headers in replies if status == 200]
    assert len({body["last"] for body, _ in done}) == 1
    assert sum("Idempotent-Replayed" not in headers for _, headers in done) == 1
    assert count_of(agency) == before + 1


def test_a_twin_of_a_slow_call_is_told_to_come_back(places, monkeypatch):
    agency = places["agency"]
    began, goes_on = threading.Event(), threading.Event()
    plain = trials.add

    def slow(call: Any) -> object:
        """Add, but not before it is told to; the key is claimed with the first question."""
        Counter.objects.exists()
        began.set()
        goes_on.wait(20)
        return plain(call)

    monkeypatch.setattr(trials, "add", slow)
    with open_doors(key="required"):
        token = key_of(agency)
        before = count_of(agency)

        def twin() -> Any:
            began.wait(20)
            try:
                return Trial(token).add({"by": 1}, Idempotency_Key="slow")
            finally:
                goes_on.set()

        first, second = at_once([lambda: Trial(token).add({"by": 1}, Idempotency_Key="slow"), twin])
        again = Trial(token).add({"by": 1}, Idempotency_Key="slow")

    assert first[0] == 200
    assert (second[0], second[1]["code"], second[1]["retryable"]) == (409, "twin_is_running", True)
    assert second[2]["Retry-After"] == "2"
    assert again[2]["Idempotent-Replayed"] == "true"
    assert count_of(agency) == before + 1


def test_of_twins_that_both_think_before_they_ask_one_is_done(places, monkeypatch):
    agency = places["agency"]
    both = threading.Barrier(2)
    plain = trials.add

    def thinks(call: Any) -> object:
        """Add, once the other has got as far."""
        both.wait(20)
        return plain(call)

    monkeypatch.setattr(trials, "add", thinks)
    with open_doors(key="required"):
        token = key_of(agency)
        before = count_of(agency)
        replies = at_once([lambda: Trial(token).add({"by": 1}, Idempotency_Key="think")] * 2)

    statuses = sorted(status for status, _, _ in replies)
    assert statuses in ([200, 200], [200, 409])
    assert count_of(agency) == before + 1


def test_a_refusal_that_committed_nothing_keeps_its_note(places):
    agency = places["agency"]
    with open_doors(key="optional"):
        before = count_of(agency)
        status, _, _ = Trial(key_of(agency)).add({"by": 41, "then": "refuse"})

    assert status == 409
    assert count_of(agency) == before
    assert trials.is_noted(agency, 41)
