"""What CH-SIMS says of itself."""

from affecthub.entries import Entry

ENTRY = Entry(
    name="ch_sims",
    title="CH-SIMS: sentiment of Chinese film clips, for each modality",
    builder="affecthub.datasets_scripts.ch_sims.builder:ChSimsBuilder",
    languages=("zh",),
    n_rows=2281,
    licence="unstated",
    may_redistribute=False,
    not_passed_on="no licence is stated, and the clips are cut from films and series of others",
    how_to_get="The download links of github.com/thuiar/MMSA.",
    groups="source video",
    sentiment=(-1, 1),
    files=r"(^|/)(video_\d{4}/\d{4}\.mp4|metadata/sentiment/label_M\.csv)$",
    clip_ids=r"(?:video_\d{4}|video_xjzw|aqgy\d_\d{4}|csbgs\d_\d{4}|test\d\d?)_\d{4,5}(?:_\d)?",
    shares={"ch_sims_v2": "all clips"},
    gets_right="a score per modality, video-disjoint splits",
)
