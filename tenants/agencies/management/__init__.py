"""What the registry adds to manage.py."""
