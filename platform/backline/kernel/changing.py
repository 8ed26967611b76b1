"""Changing: a record that people may edit, changed field by field, with what it was and who
owns the field.
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model

from backline.kernel.events import plain


def change(
    row: Model, wanted: Mapping[str, Any], *, masked: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """Set the fields that differ, raise the row's version, save, and return {field: [old, new]}.

    Nothing is written, and an empty dict returned, when nothing differs. Masked fields are told as
    "…".
    """
    changes: dict[str, Any] = {}
    for name, value in wanted.items():
        old = getattr(row, name)
        if old == value:
            continue
        setattr(row, name, value)
        changes[name] = ["…", "…"] if name in masked else [plain(old), plain(value)]
    if not changes:
        return {}
    touched = list(changes)
    if hasattr(row, "version"):
        row.version += 1
        touched.append("version")
    row.save(update_fields=touched)
    return changes
