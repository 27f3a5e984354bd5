"""What CMU-MOSEI says of itself."""

from affecthub.entries import Entry

ENTRY = Entry(
    name="cmu_mosei",
    title="CMU-MOSEI: sentiment and emotion of English opinion videos",
    builder="affecthub.datasets_scripts.cmu_mosei.builder:CmuMoseiBuilder",
    languages=("en",),
    n_rows=22856,
    licence="unstated",
    may_redistribute=False,
    not_passed_on=(
        "no licence is stated for the media, and CMU says that other people's YouTube videos "
        "may not be passed on"
    ),
    how_to_get=(
        "The CMU Multimodal SDK (Raw/..., or its .csd with its folds), or the MMSA form with "
        "label.csv of github.com/thuiar/MMSA."
    ),
    groups="source video (one person each)",
    sentiment=(-3, 3),
    label_note="Where present, six emotions as intensities from 0 to 3, not as one label.",
    files=(
        r"(^|/)((Videos|Transcript)/Segmented/Combined/[\w-]+\.(mp4|txt)|CMU_MOSEI_Labels\.csd)$"
    ),
    gets_right="ids as text, six intensities; CMU, MMSA and .csd layouts, joined by interval",
)
