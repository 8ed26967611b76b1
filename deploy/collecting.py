"""Collecting: how a process that serves looks for objects that hold only each other.

The program itself is some half a million objects that stay; to look through them again and again
while a large call makes its own costs more than the call.
"""

import gc

NEW, YOUNG, OLD = 100_000, 20, 20  # how many new objects, and rounds, before it looks


def settle() -> None:
    """Leave alone what is there by now, and look at new objects a hundred thousand at a time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW, YOUNG, OLD)
