"""Charges: the hinge; everything worked or agreed, priced once, with a pay side and a bill side.

Takes in approved time and agreed amounts. Promises both sides from one version of one agreement.
Never edits a charge: a correction is a new one.
"""
