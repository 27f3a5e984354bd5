"""MER2026: six emotions, words that people chose, and the clips that hide the tests."""
