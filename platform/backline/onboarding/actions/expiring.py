"""Expiring: notices before a paper lapses, an exception while it may, and what to look at when it
has.
"""

from datetime import date, datetime, timedelta

from backline.desk import actions as desk
from backline.directory import queries as directory
from backline.kernel.actors import Actor
from backline.onboarding import lapsing
from backline.onboarding.actions.flagging import flag_umbrellas
from backline.onboarding.actions.looking import look
from backline.onboarding.lapsing import Expiring

NOTICES = (30, 14, 1)
DAYS_BACK = 3  # a day that was slept through is made up for


def chase_expiring(*, actor: Actor, at: datetime) -> int:
    """Give notice of what lapses, 30, 14 and 1 day before, and open an exception for it.

    Both stop when a newer paper is received. What lapsed is looked at, and holds what it must.
    Returns how many papers are about to lapse.
    """
    on = directory.day_of(at)
    soon = lapsing.expiring(on, on + timedelta(days=max(NOTICES)))
    desk.open_exceptions([_found(paper) for paper in soon], actor=actor, at=at)
    desk.write([letter for paper in soon for letter in _letters(paper, on)], at=at)
    touched = lapsing.touched_by_days(on, DAYS_BACK)
    look(touched, actor=actor, at=at)
    flag_umbrellas(assignments=touched, actor=actor, at=at)
    return len(soon)


def _found(paper: Expiring) -> desk.Found:
    return desk.Found(
        kind="evidence_expiring",
        key=paper.key,
        title=f"{paper.title} of {paper.name} lapses after {paper.expires_on.isoformat()}",
        about_kind="evidence",
        about=paper.evidence,
        stops="start" if "start" in paper.blocks else "pay" if "pay" in paper.blocks else "nothing",
        evidence=[{"requirement": paper.code, "expires_on": paper.expires_on}],
        suggested="Ask for the new paper; the notices stop when it is filed.",
    )


def _letters(paper: Expiring, on: date) -> list[desk.Letter]:
    left = (paper.expires_on - on).days
    notice = min((days for days in NOTICES if left <= days), default=None)
    if notice is None or not paper.email:
        return []
    body = (
        f"Dear {paper.name},\n\n{paper.title} on our file holds until"
        f" {paper.expires_on.isoformat()}. Please send us the new one before that day.\n"
    )
    return [
        desk.Letter(
            key=f"{paper.key}:{notice}",
            kind="evidence_expiring",
            to_name=paper.name,
            to_address=paper.email,
            subject_line=f"{paper.title}: please renew before {paper.expires_on.isoformat()}",
            body=body,
            about=paper.evidence,
        )
    ]
