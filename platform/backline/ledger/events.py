"""Ledger: what can have happened, as frozen facts."""
