"""What the clock starts: whether every source was heard as often as it should be."""

from datetime import datetime

from backline.integrations.actions.watching import watch
from backline.kernel.actors import SYSTEM


def watch_sources(*, at: datetime) -> None:
    """Tell of the sources that are silent; again changes nothing."""
    watch(actor=SYSTEM, at=at)
