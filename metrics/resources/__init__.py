"""The built-in emotion lexicon (``lexicon.json``), the tables it is made from, and its maker."""
