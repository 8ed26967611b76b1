"""Other systems that send records: how each is understood, what it sent, what became of it."""
