"""What is known of MER2025's label files: counted in the released ones."""

# Clips of track 1, and of the pool that hides the tests.
SIZES = {"track1": 7369, "candidates": 20000}
N_RATED = 4196
# Test set -> clips of track 1; "none" are MER2023's training clips outside of OV-MERD.
TEST_SETS = {
    "none": 3041,
    "ov_merd": 332,
    "mer2023_test_multi": 411,
    "mer2023_test_noise": 412,
    "mer2023_test_semi": 834,
    "mer2024_test_semi": 1169,
    "mer2024_test_noise": 1170,
}
LABELS = {
    "neutral": 1681,
    "angry": 1607,
    "happy": 1517,
    "sad": 1342,
    "worried": 894,
    "surprise": 328,
}
# Clips of these sets that MER-Caption+ describes, by test set and for the whole pool.
IN_MER_CAPTION_PLUS = {"mer2024_test_semi": 576, "mer2024_test_noise": 586}
N_CANDIDATES_IN_MER_CAPTION_PLUS = 5476
