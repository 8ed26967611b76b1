"""Actors: who does a thing; remembered as told, never joined to."""

from dataclasses import dataclass

KINDS = ("person", "key", "link", "system")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does a thing: a person, an integration's key, the holder of a link, or the system itself.

    `id` is the same for a person in every session and agency, so that duties can be kept apart by
    it.
    """

    kind: str
    id: str
    name: str = ""
    role: str = ""
    on_behalf_of: str = ""

    def as_json(self) -> dict[str, str]:
        """The actor as an event keeps it."""
        return {
            "kind": self.kind,
            "id": self.id,
            "name": self.name,
            "role": self.role,
            "on_behalf_of": self.on_behalf_of,
        }


SYSTEM = Actor("system", "system", "Backline")
