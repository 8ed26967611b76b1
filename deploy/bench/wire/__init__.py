"""Rows that speak HTTP: our whole application beside a bare one, called as a server calls them."""
