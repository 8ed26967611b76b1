"""What every stage needs: ids, refusals, actors, events and their feed, operations, documents,
links, sealed fields.

Takes in nothing. Promises that a fact recorded is told to every consumer exactly once in order.
Never knows a stage, a firm's neighbours, or the wire.
"""
