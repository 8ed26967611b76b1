"""Margin: the reading of all of it, live from charges and frozen for a closed week.

Takes in charges and final pay. Promises the same total along every dimension.
Never posts.
"""
