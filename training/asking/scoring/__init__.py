"""Scores of journals: answers read by their prompts' forms, against the labels of a corpus."""
