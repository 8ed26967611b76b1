"""SealedText: a model field, sealed on its way to the database and masked everywhere else."""

from typing import TYPE_CHECKING, Any, NoReturn, Self, cast
from uuid import UUID

from django.core.exceptions import FieldError
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.utils.module_loading import import_string

from backline.kernel.sealing import values
from backline.kernel.sealing.holders import SealBroken
from backline.kernel.sealing.rings import FIRM, Vault

if TYPE_CHECKING:
    _Field = models.Field["Secret | str", "Secret"]
else:
    _Field = models.Field

MASK = "•••"


class Secret:
    """A text that is masked wherever it is printed; `reveal` is the one way to read it."""

    __slots__ = ("_field", "_plain", "_row", "_sealed")

    def __init__(
        self,
        field: "SealedText",
        *,
        plain: str | None = None,
        sealed: bytes = b"",
        row: UUID | None = None,
    ) -> None:
        self._field = field
        self._plain = plain
        self._sealed = sealed
        self._row = row

    def reveal(self, row: UUID | None = None) -> str:
        """Read the text; a value read without its row, as by values(), needs the row's id."""
        if self._plain is not None:
            return self._plain
        place = row or self._row
        if place is None:
            raise SealBroken("A sealed value opens only with the id of its row.")
        return self._field.opened(place, self._sealed) if self._sealed else ""

    def of(self, row: UUID) -> Self:
        """Tie the value to the row it was read from, unless it is tied to one."""
        if self._row is None and self._plain is None:
            self._row = row
        return self

    def sealed_for(self, row: UUID) -> bytes:
        """Give what the database keeps for this row, sealed anew only when it has to be."""
        if self._plain is None and self._row in (None, row):
            return self._sealed
        return self._field.sealed(row, self.reveal())

    def __bool__(self) -> bool:
        return bool(self._plain) if self._plain is not None else bool(self._sealed)

    def __repr__(self) -> str:
        return MASK if self else ""

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret is not pickled: not into a cache, a task or a session.")


class SealedAttribute(DeferredAttribute):
    """What a row shows of a sealed field: a Secret tied to the row."""

    field: "SealedText"

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        found = super().__get__(instance, cls)
        if instance is None or found is None:
            return found
        return cast(Secret, found).of(instance.pk)

    def __set__(self, instance: models.Model, given: object) -> None:
        instance.__dict__[self.field.attname] = self.field.to_python(given)


class SealedText(_Field):
    """Text that lies sealed in its column, bound to the row's id, which is ours and known first.

    A row reads it as a Secret. It can be asked only whether it is there (isnull); keep a `blind`
    index beside it to find it again, and its last characters to show it. `vault` names where the
    keys lie when they are not the firm's own.
    """

    description = "Sealed text"
    descriptor_class = SealedAttribute

    def __init__(self, *args: Any, vault: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.vault = vault

    def deconstruct(self) -> Any:
        """Describe the field to migrations."""
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "vault": self.vault} if self.vault else options

    def db_type(self, connection: Any) -> str:  # noqa: ARG002  # Django asks
        """Bytes."""
        return "bytea"

    def get_internal_type(self) -> str:
        """Treat it as bytes."""
        return "BinaryField"

    def sealed(self, row: UUID, text: str) -> bytes:
        """Seal a text for a row of this column; for bulk writers, who have no row object."""
        if not text:
            return b""
        return values.seal(text, table=self._table, column=self.attname, row=row, vault=self._vault)

    def opened(self, row: UUID, sealed: bytes) -> str:
        """Open what this column holds for a row."""
        return values.unseal(
            sealed, table=self._table, column=self.attname, row=row, vault=self._vault
        )

    @property
    def _vault(self) -> Vault:
        if not self.vault:
            return FIRM
        vault: Vault = import_string(self.vault)
        return vault

    @property
    def _table(self) -> str:
        return self.model._meta.db_table

    def to_python(self, value: object) -> Secret | None:
        """Take a text, a Secret, or what the database holds."""
        if value is None or isinstance(value, Secret):
            return value
        if isinstance(value, str):
            return Secret(self, plain=value)
        if isinstance(value, bytes | memoryview):
            return Secret(self, sealed=bytes(value))
        raise TypeError(f"{self.name} takes text.")

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Secret | None:  # noqa: ARG002  # Django asks
        """Mask what was read."""
        return self.to_python(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> bytes | None:  # noqa: ARG002  # Django asks
        """Seal for the row that is saved."""
        held = getattr(model_instance, self.attname)
        return None if held is None else cast(Secret, held).sealed_for(model_instance.pk)

    def get_prep_value(self, value: Any) -> bytes | None:
        """Refuse a text that comes without its row, as from update() or filter()."""
        if value is not None and not isinstance(value, bytes):
            raise FieldError(
                f"{self.name} is sealed: it is written through its row and not searched."
            )
        return value

    def get_lookup(self, lookup_name: str) -> Any:
        """Allow only the question whether there is a value."""
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def get_default(self) -> Any:
        """Begin empty where the model says so."""
        return "" if self.has_default() and self.default == "" else super().get_default()

    def value_to_string(self, obj: models.Model) -> str:
        """Mask it in a serialised row."""
        return MASK if getattr(obj, self.attname) else ""
