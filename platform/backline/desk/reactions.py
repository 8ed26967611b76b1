"""What the desk does when a consumer gives an event up."""

from backline.desk import actions
from backline.kernel import consumers
from backline.kernel.actors import SYSTEM
from backline.kernel.events import Told


def tell_a_person(consumer: str, event: Told, why: str) -> None:
    """Open an exception for the event that was passed over."""
    actions.given_up(consumer, event.subject, event.name, why, actor=SYSTEM, at=event.at)


consumers.when_given_up(tell_a_person)
