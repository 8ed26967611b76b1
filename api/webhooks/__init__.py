"""Webhooks: telling those who asked that something happened, signed the Standard Webhooks way.

A consumer of the feed makes one delivery an event and endpoint; sending is claim, call, report, and
never a call inside a transaction. What cannot be delivered is tried again for days, then the
endpoint is paused and its owner is told. Nothing of the event but its name and its ids goes out.
"""
