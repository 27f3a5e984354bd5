"""What is known of CH-SIMS: counted in the released label files."""

# Figure -> train, validation and test.
FIGURES = {
    "clips": (1368, 456, 457),
    "videos": (60, 59, 59),
    "clips that score 0": (207, 69, 69),
}
