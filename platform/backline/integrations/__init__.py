"""Integrations: the outside; ATS hand-off by source key, and what each sent.

Takes in records of other systems. Promises that each ends in a named outcome.
Never drops one silently.
"""
