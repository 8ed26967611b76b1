"""Funding: advances on invoices, their terms, eligibility, reserves, fees and settlement.

Takes in final invoices. Promises a reason for every penny not funded.
Never moves a pay date.
"""
