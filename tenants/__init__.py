"""Tenants: for whom. Firms and their walls, who may enter, and what is about several firms at once.

Takes in the product as it is. Promises that no firm sees, blocks or slows another. No HTTP here.
"""
