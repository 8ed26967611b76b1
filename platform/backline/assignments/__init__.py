"""Assignments: who works where for whom, and the dated agreement that prices it.

Takes in hand-offs and confirmations. Promises pay and bill rates in one version with one validity.
Never prices anything itself.
"""
