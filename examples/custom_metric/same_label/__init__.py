"""Same label as an evaluate module."""
