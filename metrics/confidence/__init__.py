"""Confidence as an evaluate module."""
