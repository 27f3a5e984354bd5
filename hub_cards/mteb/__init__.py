"""Tasks of MTEB, for encoders that are compared there."""
