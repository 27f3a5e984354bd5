"""What RAVDESS says of itself."""

from affecthub.entries import Entry

ENTRY = Entry(
    name="ravdess",
    title="RAVDESS: two sentences spoken and sung in eight emotions by 24 actors",
    builder="affecthub.datasets_scripts.ravdess.builder:RavdessBuilder",
    configs=("speech", "song", "all"),
    protocols=("official", "speaker_independent", *(f"fold_{i}" for i in range(1, 6))),
    languages=("en",),
    n_rows=2452,
    licence="CC-BY-NC-SA-4.0",
    may_redistribute=True,
    how_to_get=(
        "zenodo.org/records/1188976: Audio_Speech_Actors_01-24.zip for the 1,440 spoken clips, "
        "unzipped; songs and films are further zips."
    ),
    groups="actor",
    # In the order of the release's numbers 01 to 08.
    labels=("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"),
    label_note="Calm is no basic emotion: emotion_basic7 is null there.",
    files=r"(^|/)0[1-3]-0[12]-0[1-8]-0[12]-0[12]-0[12]-(0[1-9]|1\d|2[0-4])\.(wav|mp4)$",
    gets_right=(
        "a row per performance whichever of its three files are there; calm apart from neutral; "
        "the field's five folds"
    ),
)
