"""What is known of CMU-MOSEI: counted in the released label files."""

# Figure -> train, validation and test; None where it is not known.
FIGURES = {
    "clips": (16326, 1871, 4659),
    "videos": (2249, 300, 676),
    "clips that score 0": (None, None, 1025),
}
