"""What can have happened to an endpoint."""

from dataclasses import dataclass

from backline.kernel.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRegistered(Fact):
    """An address asked to be told of events."""

    name = "endpoint.registered"

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointChanged(Fact):
    """What an endpoint wants to hear, or where, was changed."""

    name = "endpoint.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointPaused(Fact):
    """An endpoint is not called for now; the reason says why."""

    name = "endpoint.paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointResumed(Fact):
    """A paused endpoint is called again."""

    name = "endpoint.resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRemoved(Fact):
    """An endpoint is never called again."""

    name = "endpoint.removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRolled(Fact):
    """An endpoint has a new secret; the old one signs beside it for a day."""

    name = "endpoint.secret_rolled"
