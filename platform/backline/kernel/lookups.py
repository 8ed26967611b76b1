"""Lookups: `among`, which asks for the rows of a set with one parameter, however large the set."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db.models import Field, ForeignObject, Lookup, UUIDField
from django.db.models.expressions import BaseExpression

from backline.kernel import arrays
from backline.kernel.statements import Blank, Slot

if TYPE_CHECKING:
    _Lookup = Lookup[Any]
else:
    _Lookup = Lookup


KEYS = frozenset({UUID, str})


class Among(_Lookup):
    """`worker__among=ids`: as `in`, with the whole set as one array.

    Ten thousand values are as little work for Python as ten. An empty set asks the server nothing.
    An array that the server makes itself (`ArraySubquery`) is one too: each of its values is then
    looked up, whatever the server would think of a join. So is a slot, for a set told later.
    """

    lookup_name = "among"
    rhs: Any

    def get_prep_lookup(self) -> Any:
        """The values as the column keeps them; rows stand for their keys."""
        if isinstance(self.rhs, BaseExpression):
            return self.rhs
        field = self._field
        given = list(self.rhs)
        if isinstance(field, UUIDField) and set(map(type, given)) <= KEYS:
            return given  # keys, or keys in words, which the server reads
        return [field.get_prep_value(getattr(value, "pk", value)) for value in given]

    @property
    def _field(self) -> Any:
        field = self.lhs.output_field
        return getattr(field, "target_field", field)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """Write `column = ANY (array)`."""
        column, params = self.process_lhs(compiler, connection)
        kind = str(self._field.db_type(connection)).partition("(")[0]
        if isinstance(self.rhs, Slot):
            return f"{column} = ANY (%s::{kind}[])", [*params, Blank(self.rhs.name, is_many=True)]
        if isinstance(self.rhs, BaseExpression):
            array, more = compiler.compile(self.rhs)
            return f"{column} = ANY ({array})", [*params, *more]
        if not self.rhs:
            raise EmptyResultSet
        return f"{column} = ANY (%s::{kind}[])", [*params, arrays.parameter(list(self.rhs))]


def register() -> None:
    """Let every field, also one that names another row, be asked so."""
    Field.register_lookup(Among)
    ForeignObject.register_lookup(Among)
