"""Fleet: many agencies of the partner, made once and shared by all rows of a run."""

from itertools import count

from deploy.bench.books import firms
from tenants.agencies import actions
from tenants.agencies.models import Firm

SIZE = 1000  # the first row that needs them waits some minutes for them
_NUMBERS = count(1)
_MADE: list[Firm] = []


def of(size: int) -> list[Firm]:
    """So many agencies with open books, the same ones each time it is asked."""
    actions.make_spares(max(size - len(_MADE), 0))
    while len(_MADE) < size:
        _MADE.append(firms.agency(f"fleet {next(_NUMBERS)}"))
    return _MADE[:size]
