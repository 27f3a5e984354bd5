"""The forms a corpus is exported to, and what they share."""
