"""Set overlap as an evaluate module."""
