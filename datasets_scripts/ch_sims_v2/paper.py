"""What is known of CH-SIMS v2: counted in the released meta.csv."""

# Figure -> train, validation and test.
FIGURES = {
    "clips": (2722, 647, 1034),
    "videos": (129, 120, 142),
    "clips that score 0": (318, 92, 123),
}
# Clips that are rows of CH-SIMS.
N_CH_SIMS = 2281
