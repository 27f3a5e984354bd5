"""MELD: multi-party dialogues of the series Friends."""
