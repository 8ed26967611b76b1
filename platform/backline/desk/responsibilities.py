"""Who answers for which kind of exception, and within how many hours, until the firm decides
otherwise.
"""

from datetime import timedelta
from typing import NamedTuple


class Answer(NamedTuple):
    """The role that owns a kind of exception and the hours it has."""

    role: str
    hours: int

    @property
    def span(self) -> timedelta:
        """The hours as a span of time."""
        return timedelta(hours=self.hours)


ANYTHING_ELSE = Answer("owner", 24)

KINDS: dict[str, Answer] = {
    "late_timesheet": Answer("ops_payroll", 24),
    "timesheet_overdue": Answer("staff", 24),
    "timesheet_rejected": Answer("staff", 24),
    "timesheet_validation": Answer("ops_payroll", 8),
    "disputed_hours": Answer("staff", 48),
    "retroactive_rate": Answer("ops_payroll", 24),
    "one_sided_rate_change": Answer("owner", 8),
    "rate_changed_before_pay": Answer("ops_payroll", 8),
    "equal_treatment_due": Answer("ops_payroll", 72),
    "parity_due": Answer("ops_payroll", 72),
    "milestone_rejected": Answer("staff", 48),
    "milestone_partly_accepted": Answer("staff", 48),
    "time_corrected": Answer("ops_payroll", 24),
    "missing_form": Answer("ops_compliance", 24),
    "company_off_register": Answer("ops_compliance", 24),
    "umbrella_payslip_differs": Answer("ops_compliance", 24),
    "umbrella_below_minimum": Answer("ops_compliance", 24),
    "form_due": Answer("ops_compliance", 24),
    "evidence_expiring": Answer("ops_compliance", 72),
    "bank_account_missing": Answer("ops_payroll", 24),
    "pay_run_blocked": Answer("ops_payroll", 8),
    "payment_returned": Answer("ops_payroll", 8),
    "negative_pay": Answer("ops_payroll", 24),
    "invoice_adjustment": Answer("ops_billing", 24),
    "unbilled_work": Answer("ops_billing", 24),
    "invoice_undelivered": Answer("ops_billing", 24),
    "funding_declined": Answer("owner", 24),
    "over_advance": Answer("owner", 24),
    "funding_gap": Answer("owner", 8),
    "reconciliation_break": Answer("ops_billing", 8),
    "receipt_unmatched": Answer("ops_billing", 24),
    "short_payment": Answer("ops_billing", 48),
    "duplicate_receipt": Answer("ops_billing", 24),
    "source_record_failed": Answer("staff", 24),
    "source_record_parked": Answer("staff", 24),
    "source_version_conflict": Answer("integration", 24),
    "source_proposal": Answer("owner", 24),
    "source_tombstoned": Answer("owner", 24),
    "source_silent": Answer("owner", 4),
    "rate_dates_differ": Answer("ops_payroll", 8),
    "engagement_changed": Answer("ops_payroll", 24),
    "workers_are_one": Answer("ops_payroll", 24),
    "consumer_gave_up": Answer("partner_admin", 4),
    "operation_failed": Answer("ops_payroll", 8),
    "message_failed": Answer("staff", 24),
}
