"""Captions of how somebody speaks: what is learnt from, training by a recipe, scores, Table 5."""
