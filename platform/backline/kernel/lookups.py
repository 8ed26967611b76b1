"""Lookups: `among`, which asks for the rows of a set with one parameter, however large the set."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Field, ForeignObject, Lookup

from backline.kernel import arrays

if TYPE_CHECKING:
    _Lookup = Lookup[Any]
else:
    _Lookup = Lookup


class Among(_Lookup):
    """`worker__among=ids`: as `in`, with the whole set as one array.

    Ten thousand values are as little work for Python as ten. An empty set asks the server nothing.
    """

    lookup_name = "among"
    rhs: Iterable[Any]

    def get_prep_lookup(self) -> list[Any]:
        """The values as the column keeps them; rows stand for their keys."""
        field = self._field
        return [field.get_prep_value(getattr(value, "pk", value)) for value in self.rhs]

    @property
    def _field(self) -> Any:
        field = self.lhs.output_field
        return getattr(field, "target_field", field)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """Write `column = ANY (array)`."""
        if not self.rhs:
            raise EmptyResultSet
        column, params = self.process_lhs(compiler, connection)
        kind = str(self._field.db_type(connection)).partition("(")[0]
        return f"{column} = ANY (%s::{kind}[])", [*params, arrays.parameter(list(self.rhs))]


def register() -> None:
    """Let every field, also one that names another row, be asked so."""
    Field.register_lookup(Among)
    ForeignObject.register_lookup(Among)
