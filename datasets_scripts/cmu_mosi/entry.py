"""What CMU-MOSI says of itself."""

from affecthub.entries import Entry

ENTRY = Entry(
    name="cmu_mosi",
    title="CMU-MOSI: sentiment of English opinion videos",
    builder="affecthub.datasets_scripts.cmu_mosi.builder:CmuMosiBuilder",
    languages=("en",),
    n_rows=2199,
    licence="unstated",
    may_redistribute=False,
    not_passed_on=(
        "no licence is stated for the media, and CMU says that other people's YouTube videos "
        "may not be passed on"
    ),
    how_to_get=(
        "The CMU Multimodal SDK (Raw/..., or its .csd), or the MMSA form with label.csv of "
        "github.com/thuiar/MMSA."
    ),
    groups="source video (one person each)",
    sentiment=(-3, 3),
    files=(
        r"(^|/)(Video/Segmented/[\w-]+_\d+\.mp4|Segmented/[\w-]+\.annotprocessed"
        r"|CMU_MOSI_Opinion_Labels\.csd)$"
    ),
    gets_right="ids as text; CMU, MMSA and .csd layouts",
)
