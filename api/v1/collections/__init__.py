"""The doors of collections: receipts, what they pay, ageing, statements of account."""
