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
    licence_link="https://huggingface.co/datasets/MERChallenge/MER2024",
    accept="the MER2024 EULA: academic use alone, no sample edited or uploaded",
    how_to_get="Accept the conditions of huggingface.co/datasets/MERChallenge/MER2024.",
    groups="",
    roots={"mer2025": "MER2025's folder, for the labels of the test sets"},
    labels=("neutral", "angry", "happy", "sad", "worried", "surprise"),
    files=r"(^|/)(label-disdim\.csv|transcription[-_]merge\.csv|samplenew3_\d{8}\.\w+)$",
    shares={
        "mer2025": "both test sets, with their labels",
        "mer_caption": "576 of the first and 586 of the second test set",
    },
    gets_right="the labelled clips and the pool; placeholder labels are null",
)
