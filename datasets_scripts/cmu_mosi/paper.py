"""What is known of CMU-MOSI: counted in the released label files."""

# Figure -> train, validation and test.
FIGURES = {
    "clips": (1284, 229, 686),
    "videos": (52, 10, 31),
    "clips that score 0": (53, 13, 30),
}

# The SDK's label sequence: as many segments in the same videos.
SEGMENTS = 2199
SEGMENT_FIGURES = {"clips": FIGURES["clips"], "videos": FIGURES["videos"]}
