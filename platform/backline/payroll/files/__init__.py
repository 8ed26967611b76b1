"""Bank files: frozen payments in, the bytes a bank takes out; and what a bank sends back, read.

Takes in payments that are already final. Promises the same bytes for the same values, totals
that were counted from the records themselves, and every fault at once when it refuses. Never
reads a table, a clock or a setting, and never talks to a bank.
"""
