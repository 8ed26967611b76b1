"""Ledger: double entry; an entry is one row and balances by its shape.

Takes in sets of entries under a business key. Promises that the same key never posts twice.
Never edits or deletes.
"""
