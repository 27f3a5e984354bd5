"""Scores of captions: n-grams, alignment, scene graphs, embeddings."""
