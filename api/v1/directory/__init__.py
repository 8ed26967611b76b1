"""The firm, its workers and clients, and everything that is written down about them."""
