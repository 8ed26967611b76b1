"""Directory: the firm itself, its registrations, workers, clients, sites and intermediaries.

Takes in people and companies as they are. Promises masked secrets and second approval of bank
details.
Never knows who works where.
"""
