"""Answers to validation clips while training, and what becomes of clips that go wrong there."""
