"""Sentiment as an evaluate module."""
