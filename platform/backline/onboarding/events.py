"""Onboarding: what can have happened, as frozen facts."""
