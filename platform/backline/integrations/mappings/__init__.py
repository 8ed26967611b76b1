"""Mappings: what another system's own shapes mean here. Pure: no database, no clock.

A mapping has a version. What was sent is kept, so it can be mapped again when the mapping or the
firm's settings say more.
"""

from types import ModuleType

from backline.integrations.mappings import bullhorn

MAPPINGS: dict[str, ModuleType] = {"bullhorn": bullhorn}  # each: VERSION, records(), sent()
