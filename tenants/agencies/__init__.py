"""Agencies: the registry of firms. A firm is a partner or one of its agencies, with its own schema.

Takes in an order for an agency. Promises that nobody reaches a firm before it is active, that a
failure leaves nothing half-made within reach, and that the same order again finishes the first.
"""
