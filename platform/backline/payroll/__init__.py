"""Payroll: pay runs, payslips, payments and what is owed to authorities.

Takes in the pay side of charges. Promises that each is paid at most once.
Never asks whether the client has paid.
"""
