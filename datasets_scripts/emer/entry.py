"""What EMER says of itself."""

from affecthub.entries import Entry

ENTRY = Entry(
    name="emer",
    title="EMER: emotions of MER2023 clips with reasons, in Chinese and English",
    builder="affecthub.datasets_scripts.emer.builder:EmerBuilder",
    configs=("v2", "v1"),
    protocols=("official",),
    languages=("zh",),
    n_rows=332,
    licence="MER2023 EULA",
    may_redistribute=False,
    not_passed_on="the clips are MER2023's, whose EULA forbids uploading samples",
    licence_link="https://huggingface.co/datasets/MERChallenge/MER2023",
    accept="the MER2023 EULA: academic use alone, no sample edited or uploaded",
    how_to_get="EMER/dataset-v1 and dataset-v2 of github.com/zeroQiaoba/AffectGPT.",
    groups="",
    roots={"mer2023": "MER2023 as unpacked, for the clips"},
    label_note="Open vocabulary: any words.",
    files=r"(^|/)(gt-(chi|eng)|final-EMER-reason)\.csv$",
    shares={"mer2023": "clips of its training set"},
    gets_right=(
        "reasons in Chinese and English, both versions; clips that are MER2023 training clips "
        "marked"
    ),
)
