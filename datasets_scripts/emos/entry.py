"""What EmoS says of itself."""

from affecthub.entries import Entry
from affecthub.labels import BASIC7

ENTRY = Entry(
    name="emos",
    title="EmoS: CH-SIMS v2 and MELD re-annotated with confidences, and streaming monologues",
    builder="affecthub.datasets_scripts.emos.builder:EmosBuilder",
    configs=(
        "static",
        "static_zh",
        "static_en",
        "goemotions",
        "streaming_clips",
        "streaming_utterances",
        "streaming_segments",
        "annotations",
    ),
    protocols=("official", "speaker_independent", "source_independent", "sims_official"),
    languages=("zh", "en"),
    n_rows=9403,
    licence="unstated",
    may_redistribute=False,
    not_passed_on=(
        "no licence is stated, and the clips are those of MELD, of CH-SIMS v2 and of films"
    ),
    how_to_get=(
        "Annotations: a clone of github.com/NLP2CT/EmoS. Media: those of CH-SIMS v2 and of the "
        "MELD training split; streaming films by the link in its README."
    ),
    groups="speaker (MELD), source video (CH-SIMS v2), film (streaming)",
    roots={
        "meld": "MELD as untarred, for English text and media",
        "ch_sims_v2": "CH-SIMS v2, for Chinese media",
        "streaming": "folder of the streaming films, <Title>/<Title>.mp4 and segments",
    },
    labels=BASIC7,
    sentiment=(-1, 1),
    label_note=(
        "Sentiment for the Chinese clips only. Soft labels over GoEmotions: see goemotions."
    ),
    files=r"(^|/)(sentence_level_timestamps\.json|annotated_with_ds(_last2000)?\.xlsx)$",
    shares={
        "meld": "its English clips, from the training split",
        "ch_sims_v2": "its Chinese clips",
    },
    gets_right=(
        "rows joined by position, 618 lost rows restored, two kinds of confidence told apart, "
        "streaming films"
    ),
)
