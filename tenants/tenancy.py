"""Tenancy: the only ways to the database. Each opens one durable transaction in the right role.

`firm` opens one firm's books; `shared` what is about several firms; `signing_in` who is calling.
`pair` alone touches two firms in one transaction: the agency's half first, the partner's last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import cast

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction

from backline.kernel import here
from tenants.agencies import registry, template
from tenants.backend.base import DatabaseWrapper
from tenants.backend.errors import SeatChanged
from tenants.backend.seats import SHARED, SIGNING_IN, Place


class NoSuchFirm(LookupError):
    """No firm of that reference has books."""


class NotRaised(RuntimeError):
    """The firm's tables are not those of this release: nobody is let in until they are."""


_PLACES: dict[str, Place] = {}


def place(name: str) -> Place:
    """Where a firm's books lie, by its reference or its schema; asks the registry only once, and
    again while they are not at this release.
    """
    known = _PLACES.get(name)
    if known is None or known.release != template.release():
        with signing_in():
            known = registry.place(name)
        if known is None:
            raise NoSuchFirm(f"There are no books under {name!r}.")
        learn(known)
    return known


def learn(known: Place) -> None:
    """Remember where a firm's books lie, as the registry has just told."""
    _PLACES[known.ref] = _PLACES[known.schema] = known


def _raised(name: str) -> Place:
    where = place(name)
    if where.release != template.release():
        raise NotRaised(f"The books of {where.ref} are not at this release.")
    return where


@contextmanager
def firm(name: str) -> Iterator[Place]:
    """Open one firm's books, named by its reference or its schema, for one transaction."""
    where = _raised(name)
    with _wrapper().seated(where.seat), here.entered(where.ref), transaction.atomic(durable=True):
        yield where


@contextmanager
def snapshot(name: str) -> Iterator[Place]:
    """Open one firm's books to read them all as of one moment; nothing can be written there."""
    where, wrapper = _raised(name), _wrapper()
    with (
        wrapper.seated(where.seat),
        here.entered(where.ref),
        wrapper.as_of_one_moment(),
        transaction.atomic(durable=True),
    ):
        yield where


@contextmanager
def shared() -> Iterator[None]:
    """Open what is about several firms, for one transaction."""
    with _wrapper().seated(SHARED), transaction.atomic(durable=True):
        yield


@contextmanager
def signing_in() -> Iterator[None]:
    """Open the look-up of who is calling, for one transaction."""
    with _wrapper().seated(SIGNING_IN), transaction.atomic(durable=True):
        yield


@contextmanager
def asking() -> Iterator[None]:
    """Open the look-up of who is calling for a question: each is a transaction by itself, which
    begins and ends in one message with it.
    """
    with _wrapper().seated(SIGNING_IN, is_short=True), transaction.atomic(durable=True):
        yield


@dataclass(slots=True)
class Pair:
    """The two halves of one transaction: the agency's first, then the partner's, each once."""

    _agency: Place
    _partner: Place
    _half: str = "none"

    @contextmanager
    def agency(self) -> Iterator[Place]:
        """Work in the agency's books; refuses once the partner's were opened."""
        if self._half != "none":
            raise SeatChanged("the agency's half comes first, and once")
        self._half = "agency"
        with here.entered(self._agency.ref):
            yield self._agency

    @contextmanager
    def partner(self) -> Iterator[Place]:
        """Work in the partner's books; refuses before the agency's half, and a second time."""
        if self._half != "agency":
            raise SeatChanged("the partner's half comes last, and once")
        self._half = "partner"
        wrapper = _wrapper()
        with wrapper.moved(self._partner.seat), here.entered(self._partner.ref):
            yield self._partner


@contextmanager
def pair(agency: str, partner: str) -> Iterator[Pair]:
    """Open an agency's books, then its own partner's, in one transaction; both kept or neither."""
    first, second = _raised(agency), _raised(partner)
    if (first.kind, second.kind) != ("agency", "partner") or first.partner != second.ref:
        raise SeatChanged("a pair is an agency and its own partner")
    wrapper = _wrapper()
    with wrapper.seated(first.seat), transaction.atomic(durable=True):
        wrapper.grant_next(second.seat)
        yield Pair(first, second)


def after_commit(deed: Callable[[], None]) -> None:
    """Do a thing once a shared transaction is true; a failure harms nobody else."""
    transaction.on_commit(deed, robust=True)


def is_open() -> bool:
    """True while a firm, the shared schema or the sign-in is open on this connection."""
    wrapper = _wrapper()
    return wrapper.seat is not None or wrapper.in_atomic_block


def abandon() -> None:
    """Drop the connection with whatever is open on it; nothing of that is kept."""
    _wrapper().close()
    del connections[DEFAULT_DB_ALIAS]


def _wrapper() -> DatabaseWrapper:
    return cast(DatabaseWrapper, connection)


Opened = AbstractContextManager[Place]
