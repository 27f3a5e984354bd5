"""What MER2023 says of itself."""

from affecthub.entries import Entry

ENTRY = Entry(
    name="mer2023",
    title="MER2023: six emotions and valence in Chinese film clips",
    builder="affecthub.datasets_scripts.mer2023.builder:Mer2023Builder",
    protocols=("official",),
    languages=("zh",),
    n_rows=5030,
    licence="MER2023 EULA",
    may_redistribute=False,
    not_passed_on=(
        "the EULA, which every user accepts, is for academic use and forbids uploading samples"
    ),
    licence_link="https://huggingface.co/datasets/MERChallenge/MER2023",
    accept="the MER2023 EULA: academic use alone, no sample edited or uploaded",
    how_to_get="Accept the conditions of huggingface.co/datasets/MERChallenge/MER2023.",
    groups="",
    labels=("neutral", "angry", "happy", "sad", "worried", "surprise"),
    files=r"(^|/)(label-6way\.npz|sample(new)?_\d{8}\.\w+|train-label\.csv)$",
    clip_ids=r"sample(?:new\d*)?_\d{8}",
    clip_source="mer",
    shares={
        "ov_merd": "332 training clips",
        "emer": "332 training clips",
        "mer_caption": "some clips",
        "mer2025": "all clips, with their labels",
    },
    gets_right='test sets by name; placeholder labels are null, never "neutral"',
)
