"""Moods."""
