"""What the product does: the weekly cycle of one firm, in the order in which it happens.

    kernel < desk < ledger < directory < assignments < onboarding < timesheets < charges
        < (payroll | invoicing) < funding < collections < margin < integrations

A stage imports only what stands before it. Nothing here knows that other firms exist.
"""
