"""Here: which firm's books are open and which request asked, as opaque words; set at the edge, read
below.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction

_FIRM: ContextVar[str] = ContextVar("firm")
_REQUEST: ContextVar[str] = ContextVar("request", default="")


class NoFirm(RuntimeError):
    """Asked for the firm where no firm's books are open."""


def firm() -> str:
    """The opaque reference of the firm whose books are open; raises NoFirm when none is."""
    try:
        return _FIRM.get()
    except LookupError:
        raise NoFirm("No firm's books are open here.") from None


def request_id() -> str:
    """The id of the request that asked, or an empty string."""
    return _REQUEST.get()


@contextmanager
def entered(firm_ref: str, request: str = "") -> Iterator[None]:
    """Open a firm's books for the block; restores what was before, also after an error."""
    firm_token = _FIRM.set(firm_ref)
    request_token = _REQUEST.set(request or _REQUEST.get())
    try:
        yield
    finally:
        _REQUEST.reset(request_token)
        _FIRM.reset(firm_token)


@contextmanager
def asked_by(request: str) -> Iterator[None]:
    """Name the request for the block."""
    token = _REQUEST.set(request)
    try:
        yield
    finally:
        _REQUEST.reset(token)


def after_commit(deed: Callable[[], None], *, once: bool = False) -> None:
    """Do a thing once the transaction is true, knowing which firm it was for; a failure harms
    nobody else. With `once`, a thing that already waits for this transaction is not done twice.
    """
    ref, request = firm(), request_id()
    if once and any(getattr(then, "what", None) == (deed, ref) for _, then, _ in _waiting()):
        return

    def then() -> None:
        with entered(ref, request):
            deed()

    then.what = (deed, ref)  # type: ignore[attr-defined]  # how a second one knows the first
    transaction.on_commit(then, robust=True)


def _waiting() -> Iterable[tuple[object, object, bool]]:
    waiting: Iterable[tuple[object, object, bool]] = transaction.get_connection().run_on_commit
    return waiting
