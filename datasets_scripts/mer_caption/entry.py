"""What MER-Caption+ and MER-Caption says of itself."""

from affecthub.entries import Entry

ENTRY = Entry(
    name="mer_caption",
    title="MER-Caption+ and MER-Caption: machine-written emotion words and descriptions",
    builder="affecthub.datasets_scripts.mer_caption.builder:MerCaptionBuilder",
    configs=("mer_caption_plus", "mer_caption"),
    protocols=("official",),
    languages=("zh",),
    n_rows=31327,
    licence="MER2025 EULA",
    may_redistribute=False,
    not_passed_on=(
        "the EULA, which every user accepts, is for academic use and forbids uploading samples"
    ),
    licence_link="https://huggingface.co/datasets/MERChallenge/MER2025",
    accept="the MER2025 EULA: academic use alone, no sample edited or uploaded",
    how_to_get="Accept the conditions of huggingface.co/datasets/MERChallenge/MER2025.",
    groups="",
    roots={"media": "folder of video/, audio/ and openface_face/ where they lie apart"},
    label_note="Open vocabulary: any words.",
    files=r"(^|/)track[23]_train_mercaption(plus)?\.csv$",
    shares={"mer2023": "clips of its training set", "mer2024": "1,162 of its 2,339 test clips"},
    gets_right="open vocabulary and descriptions; clips that are MER2023 training clips marked",
)
