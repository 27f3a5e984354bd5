"""What MERR says of itself."""

from affecthub.entries import Entry

ENTRY = Entry(
    name="merr",
    title="MERR: nine emotions of MER2023's unlabelled clips, with descriptions and reasons",
    builder="affecthub.datasets_scripts.merr.builder:MerrBuilder",
    configs=("coarse", "fine"),
    protocols=("official",),
    languages=("zh",),
    n_rows=28618,
    licence="MER2023 EULA",
    may_redistribute=False,
    not_passed_on=("the clips are MER2023's, whose EULA forbids uploading samples"),
    licence_link="https://huggingface.co/datasets/MERChallenge/MER2023",
    accept="the MER2023 EULA: academic use alone, no sample edited or uploaded",
    how_to_get=(
        "Annotations: the Google Drive folder that github.com/ZebangCheng/Emotion-LLaMA links. "
        "Clips: accept the conditions of huggingface.co/datasets/MERChallenge/MER2023."
    ),
    groups="",
    roots={
        "mer2023": "MER2023 as unpacked, its unlabelled clips included",
        "mer2025": "MER2025's folder, to know which test sets have a clip",
        "ov_merd": "ovlabel.csv of OV-MERD+, to know its clips",
    },
    labels=(
        *("neutral", "angry", "happy", "sad", "worried", "surprise"),
        *("fear", "contempt", "doubt"),
    ),
    files=r"(^|/)MERR_(coarse|fine)_grained\.(txt|json)$",
    shares={"mer2023": "clips of its pool, perhaps of its test sets"},
    gets_right="labels, descriptions and visual cues from txt and json; clips of test sets marked",
)
