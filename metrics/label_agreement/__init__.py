"""Label agreement as an evaluate module."""
