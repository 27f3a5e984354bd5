"""What is known of CMU-MOSEI: counted in the released label files."""

# Figure -> train, validation and test; None where it is not known.
FIGURES = {
    "clips": (16326, 1871, 4659),
    "videos": (2249, 300, 676),
    "clips that score 0": (None, None, 1025),
}

# The SDK's label sequence, as others count it by the standard folds; 399 segments are in no fold.
SEGMENTS = 23259
SEGMENT_FIGURES = {"clips": (16327, 1871, 4662)}
