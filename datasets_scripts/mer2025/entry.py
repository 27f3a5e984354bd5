"""What MER2025 says of itself."""

from affecthub.entries import Entry

ENTRY = Entry(
    name="mer2025",
    title="MER2025 track 1: six emotions in Chinese film clips, MER2023 and MER2024's tests joined",
    builder="affecthub.datasets_scripts.mer2025.builder:Mer2025Builder",
    configs=("track1", "candidates"),
    protocols=("official", "without_test_clips"),
    languages=("zh",),
    n_rows=7369,
    licence="MER2025 EULA",
    may_redistribute=False,
    not_passed_on=("the EULA, which every user signs, forbids editing or uploading samples"),
    licence_link="https://huggingface.co/datasets/MERChallenge/MER2025",
    accept="the MER2025 EULA: academic use alone, no sample edited or uploaded",
    how_to_get="Accept the conditions of huggingface.co/datasets/MERChallenge/MER2025.",
    groups="",
    roots={
        "media": "folder of video/, audio/ and openface_face/ where they lie apart",
        "ov_merd": "ovlabel.csv of OV-MERD+, to know its clips",
    },
    labels=("neutral", "angry", "happy", "sad", "worried", "surprise"),
    files=r"(^|/)(track1_train_disdim|track1_test_dis|track_all_candidates)\.csv$",
    shares={
        "mer2023": "all of its clips, the test sets included",
        "mer2024": "both of its test sets",
        "mer_unibench": "the MER2023 and MER2024 tests",
        "ov_merd": "332 clips",
        "mer_caption": "1,162 clips, all of MER2024's test sets",
    },
    gets_right="which clips older test sets have, as a column and a protocol without them",
)
