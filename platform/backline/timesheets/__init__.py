"""Timesheets: time reported, submitted, approved or rejected; approved time is final.

Takes in hours from workers, agencies and files. Promises that approval is told exactly once.
Never prices.
"""
