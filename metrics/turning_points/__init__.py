"""Turning points as an evaluate module."""
