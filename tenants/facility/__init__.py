"""Facility: what crosses an agency's books and its partner's: cash handed over, advances,
repayments, settlements.

Each is one transaction over a pair, the agency's half first, and posts the same movements on both
sides.
"""
