"""Facts: every fact that British law asks of a worker or a firm, by name and kind."""

from rulebook.facts import DAY, FLAG, SHARE, TEXT, Kind, one_of
from rulebook.packs.gb.faults import KEYS

CONSTRUCTION: Kind = {"standing": TEXT}
ELECTIONS: Kind = {
    "tax_code": TEXT,
    "tax_basis": TEXT,
    "ni_letter": TEXT,
    "student_loan": TEXT,
    "postgraduate_loan": FLAG,
    "off_payroll": FLAG,
    "apprentice": one_of("under_19", "first_year"),
    "director": {"method": TEXT, "appointed_on": DAY, "last_payment": FLAG},
    "pension": {"state": TEXT, "postponed_until": DAY, "worker": SHARE, "refund": FLAG},
}
EMPLOYER: Kind = {
    "pension": {
        "arrangement": TEXT,
        "basis": TEXT,
        "worker": SHARE,
        "employer": SHARE,
        "payee": TEXT,
    },
    "pays_levy": FLAG,
    "pays_quarterly": FLAG,
    "pays_by": one_of("post", "electronic"),
}
CARRIED = ("arrears.", "shortfall.")


def elections() -> Kind:
    """What a worker may have said."""
    return ELECTIONS


def employer() -> Kind:
    """What a firm was told by its authorities, or has decided."""
    return EMPLOYER


def is_carried(key: str) -> bool:
    """Whether a year-to-date figure of this name exists."""
    return key in KEYS or key.startswith(CARRIED)
