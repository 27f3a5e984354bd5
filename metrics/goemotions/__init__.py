"""GoEmotions as an evaluate module."""
