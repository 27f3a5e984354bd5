"""What MER2024 says of itself."""

from affecthub.entries import Entry

ENTRY = Entry(
    name="mer2024",
    title="MER2024: six emotions in Chinese film clips, with a large unlabelled part",
    builder="affecthub.datasets_scripts.mer2024.builder:Mer2024Builder",
    configs=("labeled", "unlabeled"),
    protocols=("official",),
    languages=("zh",),
    n_rows=None,
    licence="MER2024 EULA",
    may_redistribute=False,
    not_passed_on=(
        "the EULA, which every user accepts, is for academic use and forbids uploading samples"
    ),
    how_to_get="Accept the conditions of huggingface.co/datasets/MERChallenge/MER2024.",
    groups="",
    labels=("neutral", "angry", "happy", "sad", "worried", "surprise"),
    files=r"(^|/)(label-disdim\.csv|transcription[-_]merge\.csv|samplenew3_\d{8}\.\w+)$",
    gets_right="the labelled clips and the pool; placeholder labels are null",
)
