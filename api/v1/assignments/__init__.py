"""Who works where for whom, what it pays and bills from a day, and what it is billed under."""
