"""RAVDESS: two sentences spoken and sung by 24 actors in eight emotions."""
