"""What M3ED says of itself."""

from affecthub.entries import Entry

ENTRY = Entry(
    name="m3ed",
    title="M3ED: Chinese dialogues of two from 56 television series, one or more emotions each",
    builder="affecthub.datasets_scripts.m3ed.builder:M3edBuilder",
    languages=("zh",),
    n_rows=24449,
    licence="unstated",
    may_redistribute=False,
    not_passed_on=("no licence is stated, and the clips are cut from television series of others"),
    how_to_get=(
        "The links of github.com/AIM3-RUC/RUCM3ED: annotation.json, and modality_speech/ beside "
        "it. Films are not given out."
    ),
    groups="television series",
    # In the order of the paper.
    labels=("happy", "surprise", "sad", "disgust", "anger", "fear", "neutral"),
    files=r"(^|/)(modality_speech/[AB]_\w+\.wav|splitInfo/movie_list_\w+\.txt)$",
    gets_right=(
        "main and further emotions, every rater's vote, times from frames, people by series and "
        "name"
    ),
)
