"""Desk: what needs a person, who that is, and what was written to whom.

Takes in troubles that any stage opens. Promises one open exception a trouble, an owner and a due
time.
Never decides about money.
"""
