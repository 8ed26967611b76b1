"""Constraints that Django does not know: a foreign key over several columns."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


class CompositeForeignKey(models.BaseConstraint):
    """These columns together must exist in the other table, so that, say, no entry changes
    currency.

    The other table needs a unique constraint over its columns.
    """

    def __init__(
        self, *, name: str, columns: Sequence[str], to: str, to_columns: Sequence[str]
    ) -> None:
        super().__init__(name=name)
        self.columns = tuple(columns)
        self.to = to
        self.to_columns = tuple(to_columns)

    def constraint_sql(
        self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> str:
        """Nothing inside CREATE TABLE, for the other table may not exist yet: the key is added
        when all are made.
        """
        if schema_editor is not None:
            schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))
        return ""

    def create_sql(
        self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> str:
        """The ALTER TABLE that adds the key."""
        table, quote = _table(model), _quote(schema_editor)
        here = ", ".join(quote(column) for column in self.columns)
        there = ", ".join(quote(column) for column in self.to_columns)
        return (
            f"ALTER TABLE {quote(table)} ADD CONSTRAINT {quote(self.name)}"
            f" FOREIGN KEY ({here}) REFERENCES {quote(self.to)} ({there})"
            " DEFERRABLE INITIALLY DEFERRED"
        )

    def remove_sql(
        self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> str:
        """The ALTER TABLE that drops the key."""
        table, quote = _table(model), _quote(schema_editor)
        return f"ALTER TABLE {quote(table)} DROP CONSTRAINT {quote(self.name)}"

    def validate(
        self,
        model: type[models.Model],
        instance: models.Model,
        exclude: Any = None,
        using: str = "default",
    ) -> None:
        """Left to the database."""

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        """For migrations."""
        path, args, kwargs = super().deconstruct()
        return (
            path,
            tuple(args),
            {**kwargs, "columns": self.columns, "to": self.to, "to_columns": self.to_columns},
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CompositeForeignKey) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash((self.name, self.columns, self.to, self.to_columns))


def _table(model: type[models.Model] | None) -> str:
    if model is None:
        raise TypeError("a foreign key stands on a table")
    return model._meta.db_table


def _quote(schema_editor: BaseDatabaseSchemaEditor | None) -> Callable[[str], str]:
    if schema_editor is None:
        raise TypeError("a foreign key is written by a schema editor")
    return schema_editor.quote_name
