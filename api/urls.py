"""Addresses: those of the API are made from its doors; pages and the document bring their own."""

import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.urls import Resolver404, ResolverMatch, URLPattern, URLResolver, include, path
from django.urls.resolvers import RoutePattern

import api
from api import reading_room
from api.door import DOORS, PARAMETER, Door
from api.entry import address

WORD = re.compile(r"\{\w+(?::\w+)?\}")


def load() -> None:
    """Import every file that declares doors."""
    for folder in ("v1", "partner", "inbound"):
        try:
            package = importlib.import_module(f"{api.__name__}.{folder}")
        except ModuleNotFoundError:
            continue
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(found.name)


class Nouns(URLResolver):
    """The same routes, looked for among those of one noun: there are hundreds of others."""

    def __init__(self, routes: Sequence[URLPattern]) -> None:
        super().__init__(RoutePattern(""), list(routes))
        self._of: dict[str, list[URLPattern]] = defaultdict(list)
        for route in routes:
            self._of[_noun(str(route.pattern))].append(route)

    def resolve(self, path: Any) -> ResolverMatch:
        """The door's route at a path; raises Resolver404 where there is none."""
        for route in self._of.get(_noun(str(path)), ()):
            found = route.resolve(path)
            if found is not None:
                return found
        raise Resolver404({"tried": [], "path": path})


def _noun(route: str) -> str:
    return "/".join(route.split("/", 2)[:2])


def addresses() -> list[URLPattern]:
    """One route a path; a fixed word goes before an id in the same place."""
    by_path: dict[str, dict[str, Door]] = defaultdict(dict)
    for door in DOORS.values():
        route = PARAMETER.sub(lambda found: f"<str:{found[1]}>", door.path).lstrip("/")
        shape = WORD.sub("{}", door.path)
        for known in by_path:
            if known != route and re.sub(r"<str:\w+>", "{}", "/" + known) == shape:
                raise TypeError(f"{door.operation}: name the path's parts as its sisters do.")
        if door.method in by_path[route]:
            raise TypeError(f"{door.operation}: {door.method} {door.path} is taken.")
        by_path[route][door.method] = door
    ordered = sorted(by_path, key=lambda route: [part.startswith("<") for part in route.split("/")])
    return [path(route, address(by_path[route])) for route in ordered]


load()
urlpatterns: list[Any] = [Nouns(addresses()), *reading_room.urlpatterns]
urlpatterns.append(path("", include("api.pages.urls")))
handler400 = "api.pages.lost.unreadable"
handler404 = "api.pages.lost.missing"
handler500 = "api.pages.lost.unforeseen"
