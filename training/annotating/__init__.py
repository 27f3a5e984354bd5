"""Corpora made with models and people: journalled steps, filters, and what is left of them."""
