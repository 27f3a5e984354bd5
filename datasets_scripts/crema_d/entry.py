"""What CREMA-D says of itself."""

from affecthub.entries import Entry

ENTRY = Entry(
    name="crema_d",
    title="CREMA-D: 12 sentences acted in six emotions by 91 actors, rated by 2,443 people",
    builder="affecthub.datasets_scripts.crema_d.builder:CremaDBuilder",
    configs=("intended", "perceived", "perceived_audio", "perceived_video"),
    languages=("en",),
    n_rows=7442,
    licence="ODbL-1.0",
    may_redistribute=True,
    how_to_get=(
        "git clone https://github.com/CheyneyComputerScience/CREMA-D, with Git LFS (7.6 GB); "
        "labels alone are its csv files."
    ),
    groups="actor",
    # In the order of the columns of its votes.
    labels=("anger", "disgust", "fear", "happy", "neutral", "sad"),
    label_note="Ties of the raters' votes have no label in the perceived configurations.",
    files=(
        r"(^|/)(\d{4}_[A-Z]{3}_(ANG|DIS|FEA|HAP|NEU|SAD)_(XX?|LO|MD|HI)\.(wav|mp3|flv|mp4)"
        r"|(SentenceFilenames|VideoDemographics|summaryTable|tabulatedVotes)\.csv)$"
    ),
    gets_right=(
        "intended and perceived labels side by side, votes by ear, eye and both with their "
        "shares; ties null; Git LFS pointers told from media"
    ),
)
