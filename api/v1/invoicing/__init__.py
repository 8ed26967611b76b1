"""The doors of invoicing: drafts, invoices, credit notes, purchase orders, what is unbilled."""
