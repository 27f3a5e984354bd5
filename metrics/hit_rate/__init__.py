"""Hit rate as an evaluate module."""
