"""Bootstrap: what a server needs before our first statement, and the proof at every start of it.

Takes in a superuser's address once. Promises that running it again changes nothing that is right.
"""
