"""What each way of running it needs: base, and on it test, demo and production."""
