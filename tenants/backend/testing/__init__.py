"""The backend for tests that roll back: a firm may change at a savepoint of the test's transaction.

Outside such a test it is the real backend, line for line.
"""
