"""Collections: money received, matched to invoices, aged and asked for.

Takes in receipts. Promises that each penny is matched once, or waits in the open.
Never guesses.
"""
