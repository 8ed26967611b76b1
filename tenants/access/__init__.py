"""Access: who is calling, for which firm, and what they may do.

Takes in passwords, one-time codes, API keys and tokens. Promises that a credential belongs to one
firm, that nobody holds more than the role matrix says, and that whoever enters an agency from
outside is seen by it. Never knows HTTP, never reads a firm's own records.
"""
