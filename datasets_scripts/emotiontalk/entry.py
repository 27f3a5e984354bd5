"""What EmotionTalk says of itself."""

from affecthub.entries import Entry

ENTRY = Entry(
    name="emotiontalk",
    title="EmotionTalk: dyadic Chinese dialogues by 19 actors, labelled per modality",
    builder="affecthub.datasets_scripts.emotiontalk.builder:EmotionTalkBuilder",
    configs=("seven", "four"),
    languages=("zh",),
    n_rows=19250,
    licence="CC-BY-NC-SA-4.0",
    may_redistribute=False,
    not_passed_on=(
        "they are handed to those who accept the corpus' conditions, and paper and card state "
        "different licences"
    ),
    accept="the conditions of huggingface.co/datasets/BAAI/Emotiontalk",
    labels_alone=(
        "the tables of labels and transcripts are public, and both licences that are stated for "
        "the corpus let people share it for purposes that are not commercial"
    ),
    # What only the JSON has, which is handed out under conditions.
    labels_without=(
        *("votes", "votes_text", "votes_audio", "votes_video"),
        *("emo_cap", "spe_cap", "style_cap", "captions"),
        *("start_s", "end_s", "duration_s"),
    ),
    how_to_get=(
        "Media and JSON: accept the conditions of huggingface.co/datasets/BAAI/Emotiontalk. "
        "Labels and transcripts alone: EmotionTalk/dataset/mm-process of "
        "github.com/NKU-HLT/EmotionTalk."
    ),
    # The integers 0 to 6 of the released label files; the order is written nowhere else.
    labels=("neutral", "happy", "sad", "angry", "surprised", "disgusted", "fearful"),
    sentiment=(-2, 2),
    files=r"(^|/)(mm_label4?\.npz|G\d{5}_\d\d_\d\d_\d{3}\.\w+|Multimodal\.tar)$",
    gets_right=(
        "four labels per clip, votes and captions from JSON, tars or folders; two actors leave "
        "the test split"
    ),
)
