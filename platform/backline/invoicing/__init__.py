"""Invoicing: invoices and credit notes made from the bill side of charges.

Takes in charges and terms. Promises gapless numbers and that what is final is never edited.
Never asks payroll anything.
"""
