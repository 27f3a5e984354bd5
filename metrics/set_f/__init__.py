"""Set-F as an evaluate module."""
