"""Rows that work in books: imported once the servers stand and Django is set up."""
