"""What OV-MERD and OV-MERD+ says of itself."""

from affecthub.entries import Entry

ENTRY = Entry(
    name="ov_merd",
    title="OV-MERD and OV-MERD+: open-vocabulary emotions of MER2023 clips",
    builder="affecthub.datasets_scripts.ov_merd.builder:OvMerdBuilder",
    configs=("ov_merd_plus", "ov_merd"),
    protocols=("official",),
    languages=("zh",),
    n_rows=532,
    licence="MER2023 EULA",
    may_redistribute=False,
    not_passed_on="the clips are under MER2023's EULA, which forbids uploading samples",
    licence_link="https://huggingface.co/datasets/MERChallenge/MER2023",
    accept="the MER2023 EULA: academic use alone, no sample edited or uploaded",
    how_to_get="Accept the conditions of huggingface.co/datasets/MERChallenge/MER2025.",
    groups="",
    roots={"mer2023": "MER2023 as unpacked, for the clips"},
    label_note="Open vocabulary: any words.",
    files=r"(^|/)(ovlabel|check-openset|track[23]_train_ovmerd)\.csv$",
    shares={"mer2023": "332 clips of its training set"},
    gets_right=("open vocabulary in every spelling; clips that are MER2023 training clips marked"),
)
