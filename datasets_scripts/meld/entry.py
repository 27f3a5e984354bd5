"""What MELD says of itself."""

from affecthub.entries import Entry

ENTRY = Entry(
    name="meld",
    title="MELD: multi-party dialogues of the series Friends",
    builder="affecthub.datasets_scripts.meld.builder:MeldBuilder",
    languages=("en",),
    n_rows=13708,
    licence="GPL-3.0",
    may_redistribute=False,
    not_passed_on=(
        "the licence is that of the annotation files; the clips are cut from a television "
        "series, whose owners have licensed nothing"
    ),
    labels_alone="the annotation files are released under GPL-3.0",
    # The words of a series are its owners', whoever wrote them down.
    labels_without=("text",),
    how_to_get=(
        "MELD.Raw.tar.gz from web.eecs.umich.edu/~mihalcea/downloads, untarred with the tars in "
        "it. Annotations alone: data/MELD of github.com/declare-lab/MELD."
    ),
    labels=("neutral", "surprise", "fear", "sadness", "joy", "disgust", "anger"),
    files=r"(^|/)((train|dev|test)_sent_emo\.csv|dia\d+_utt\d+\.mp4)$",
    clip_ids=r"(?:train|dev|test)_dia\d+_utt\d+",
    shares={"emos": "training clips"},
    gets_right="every row of the csv whatever is on disk; five-minute and broken clips named",
)
