"""Gateways: how letters leave; mail through Django's backend, texts through the one the
settings name.
"""
