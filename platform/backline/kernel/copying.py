"""Copying: rows into a table by COPY; the way that bulk work writes."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models


def write(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write rows of a model by its attribute names and return how many; JSON fields take plain
    values.
    """
    found = (model._meta.get_field(name) for name in columns)
    fields = [field for field in found if isinstance(field, models.Field)]
    json_at = [n for n, field in enumerate(fields) if isinstance(field, models.JSONField)]
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(field.column)) for field in fields)
    written = 0
    with connection.cursor() as cursor:
        statement = f"COPY {quote(model._meta.db_table)} ({names}) FROM STDIN"
        with cursor.copy(statement) as copy:
            for row in rows:
                values = list(row)
                for n in json_at:
                    if values[n] is not None:
                        values[n] = json.dumps(values[n], cls=DjangoJSONEncoder)
                copy.write_row(values)
                written += 1
    return written
