"""MER2023: six emotions and valence in Chinese film clips."""
