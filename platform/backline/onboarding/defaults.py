"""The requirements a firm starts with, by country; the firm changes them as it likes."""

from typing import NamedTuple


class Default(NamedTuple):
    """One requirement as it is offered."""

    code: str
    title: str
    about: str
    engagement: str
    blocks: str
    valid_days: int | None = None
    needs_document: bool = False


DEFAULTS: dict[str, tuple[Default, ...]] = {
    "GB": (
        Default("right_to_work", "Right to work", "worker", "", "start", None, True),
        Default("starter_declaration", "Starter declaration or P45", "worker", "paye", "pay"),
        Default("key_information", "Key information document", "assignment", "", "start"),
        Default(
            "umbrella_contract", "Contract with the umbrella", "intermediary", "umbrella", "pay"
        ),
        Default("self_billing", "Self-billing agreement", "intermediary", "limited", "pay", 365),
    ),
    "US": (
        Default("i9", "Form I-9", "worker", "w2", "start", None, True),
        Default("w4", "Form W-4", "worker", "w2", "pay"),
        Default("w9", "Form W-9", "worker", "1099", "pay"),
        Default("policies", "Policies acknowledged", "worker", "w2", "start"),
    ),
}
