"""/v1/partner: what a partner's staff do over several agencies; each call still names one
agency at a time.
"""
