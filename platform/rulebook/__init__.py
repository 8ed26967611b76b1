"""How much: hours, pay, bill, funding and margin.

Pure functions over exact Decimals. No database, no clock, no float; the standard library alone.
"""
