"""What MER2026 says of itself."""

from affecthub.entries import Entry

ENTRY = Entry(
    name="mer2026",
    title="MER2026: six emotions and human open-vocabulary labels in Chinese film clips",
    builder="affecthub.datasets_scripts.mer2026.builder:Mer2026Builder",
    configs=("track1", "human_ov", "candidates"),
    protocols=("official", "without_test_clips"),
    languages=("zh",),
    n_rows=9395,
    licence="MER2026 EULA",
    may_redistribute=False,
    not_passed_on=("the EULA, which every user signs, forbids editing or uploading samples"),
    licence_link="https://huggingface.co/datasets/MERChallenge/MER2026",
    accept="the MER2026 EULA: academic use alone, no sample edited or uploaded",
    how_to_get="Accept the conditions of huggingface.co/datasets/MERChallenge/MER2026.",
    groups="",
    roots={
        "media": "folder of video/, audio/ and openface_face/ where they lie apart",
        "mer2025": "MER2025's folder, to know which test sets have a clip",
        "ov_merd": "ovlabel.csv of OV-MERD+, to know its clips",
    },
    labels=("neutral", "angry", "happy", "sad", "worried", "surprise"),
    label_note="`human_ov` has an open vocabulary: any words.",
    files=r"(^|/)(track1_train|track2_train_human|track1_track2_candidate)\.csv$",
    shares={
        "mer2025": "its track 1, by the numbers",
        "mer2023": "its clips, test sets included, by the numbers",
        "mer2024": "its test sets, by the numbers",
        "mer_caption": "548 clips of Human-OV",
        "ov_merd": "332 clips of Human-OV, by the numbers",
    },
    gets_right="Human-OV; clips of older test sets marked, and a protocol without them",
)
