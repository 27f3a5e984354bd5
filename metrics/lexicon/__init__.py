"""Emotion lexicons: the built-in one, the released tables, what words mean and how they compose."""
