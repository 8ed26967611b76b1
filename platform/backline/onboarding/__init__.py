"""Onboarding: what must be on file before work or pay, the evidence, and what is missing.

Takes in evidence. Promises that a block names what is missing.
Never changes pay.
"""
