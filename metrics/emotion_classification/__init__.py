"""Emotion classification as an evaluate module."""
