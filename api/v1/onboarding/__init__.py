"""What must be on file before work or pay, the papers themselves, and what is missing."""
