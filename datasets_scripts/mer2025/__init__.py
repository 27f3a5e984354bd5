"""MER2025: track 1, six emotions and valence, and the clips that hide the tests."""
