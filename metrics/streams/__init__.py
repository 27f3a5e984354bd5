"""Utterances in time, and the changes between them."""
