"""Speaking-style captions as an evaluate module."""
