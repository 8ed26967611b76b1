"""Engagements: how somebody works for the agency, where that exists, and who is paid for it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Engagement:
    """One way of working: `company` is the kind of company between worker and agency, empty where
    there is none; not `by_time` is paid by what is accepted, and has no timesheets;
    `by_milestones` can be paid by what is accepted, which nobody employed by the hour is.
    """

    country: str
    company: str = ""
    by_time: bool = True
    by_milestones: bool = False


KNOWN = {
    "paye": Engagement("GB"),
    "umbrella": Engagement("GB", "umbrella"),
    "limited": Engagement("GB", "limited", by_milestones=True),
    "sow": Engagement("GB", "limited", by_time=False, by_milestones=True),
    "cis": Engagement("GB"),
    "w2": Engagement("US"),
    "1099": Engagement("US", by_milestones=True),
}
ENGAGEMENTS = tuple(KNOWN)
COUNTRY = {name: one.country for name, one in KNOWN.items()}
COMPANY = {name: one.company for name, one in KNOWN.items() if one.company}
BY_TIME = tuple(name for name, one in KNOWN.items() if one.by_time)
BY_MILESTONES = tuple(name for name, one in KNOWN.items() if one.by_milestones)
