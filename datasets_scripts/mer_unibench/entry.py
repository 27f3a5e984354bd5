"""What MER-UniBench says of itself."""

from affecthub.entries import Entry

ENTRY = Entry(
    name="mer_unibench",
    title="MER-UniBench: the nine test sets of the AffectGPT paper",
    builder="affecthub.datasets_scripts.mer_unibench.builder:MerUniBenchBuilder",
    protocols=("official",),
    languages=("zh", "en"),
    n_rows=12799,
    licence="those of its corpora",
    may_redistribute=False,
    not_passed_on="none of its corpora may be passed on",
    how_to_get=(
        "The processed folders that the README of github.com/zeroQiaoba/AffectGPT links to, or "
        "the nine corpora themselves."
    ),
    groups="",
    roots={
        "mer2023": "MER2023",
        "mer2024": "MER2024",
        "iemocap": "IEMOCAP",
        "meld": "MELD",
        "cmu_mosi": "CMU-MOSI",
        "cmu_mosei": "CMU-MOSEI",
        "ch_sims": "CH-SIMS",
        "ch_sims_v2": "CH-SIMS v2",
        "ov_merd": "OV-MERD+",
    },
    # The candidates of its four emotion test sets together.
    labels=(
        "neutral",
        "angry",
        "happy",
        "sad",
        "worried",
        "surprise",
        "fear",
        "sadness",
        "joy",
        "disgust",
        "anger",
    ),
    gets_right=("the nine test sets of the AffectGPT paper, from its download or from the corpora"),
)
