"""Integrations: what this stage does when something happened upstream."""
