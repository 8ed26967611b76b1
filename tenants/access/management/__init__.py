"""Commands about who may enter."""
