"""What EmoPrefer says of itself."""

from affecthub.entries import Entry

ENTRY = Entry(
    name="emoprefer",
    title="EmoPrefer: pairs of descriptions of a clip's emotion, and which one people prefer",
    builder="affecthub.datasets_scripts.emoprefer.builder:EmoPreferBuilder",
    configs=("emoprefer", "emoprefer_v2", "candidates"),
    protocols=("official",),
    languages=("zh",),
    n_rows=574,
    licence="MER2026 EULA",
    may_redistribute=False,
    not_passed_on=(
        "the clips are under the EULA of MER2025 and MER2026, which forbids uploading samples"
    ),
    licence_link="https://huggingface.co/datasets/MERChallenge/MER2026",
    accept="the MER2026 EULA: academic use alone, no sample edited or uploaded",
    how_to_get="Accept the conditions of huggingface.co/datasets/MERChallenge/MER2026.",
    groups="",
    roots={
        "media": "folder of video/, audio/ and openface_face/ where they lie apart",
        "mer2025": "MER2025's folder, for clips, and to know which other corpora have them",
        "ov_merd": "ovlabel.csv of OV-MERD+, to know its clips",
    },
    label_note="Pairs have no emotion label.",
    files=r"(^|/)((track3|preference)_emoprefer(v2)?|track3_candidate)\.csv$",
    shares={"mer_caption": "some clips", "mer2026": "some clips"},
    gets_right="the preferred description and the other; ties; several pairs of a clip",
)
