"""What funding does by itself: nothing; what crosses two firms is led from above, by the
facility.
"""
