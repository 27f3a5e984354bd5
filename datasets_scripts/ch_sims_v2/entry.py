"""What CH-SIMS v2 says of itself."""

from affecthub.entries import Entry

ENTRY = Entry(
    name="ch_sims_v2",
    title="CH-SIMS v2 (supervised part): sentiment of Chinese clips, for each modality",
    builder="affecthub.datasets_scripts.ch_sims_v2.builder:ChSimsV2Builder",
    languages=("zh",),
    n_rows=4403,
    licence="unstated",
    may_redistribute=False,
    not_passed_on="no licence is stated, and the clips are cut from films and series of others",
    how_to_get="The download links of github.com/thuiar/ch-sims-v2.",
    groups="source video",
    sentiment=(-1, 1),
    files=r"(^|/)(aqgy\d|csbgs\d)_\d{4}/[\d_]+\.mp4$",
    shares={"ch_sims": "all clips of that", "emos": "all clips"},
    gets_right="a score per modality, video-disjoint splits, v1 clips marked",
)
