"""Pages that run as Spaces of the Hub, and on any machine."""
