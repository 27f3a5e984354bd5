"""What IEMOCAP says of itself."""

from affecthub.entries import Entry

ENTRY = Entry(
    name="iemocap",
    title="IEMOCAP: ten actors in five dyadic sessions, improvised and scripted",
    builder="affecthub.datasets_scripts.iemocap.builder:IemocapBuilder",
    configs=("four", "full", "six"),
    protocols=(
        "official",
        "speaker_independent",
        "mer_unibench",
        *(f"session_{i}" for i in range(1, 6)),
        *(f"speaker_{i}{sex}" for i in range(1, 6) for sex in "fm"),
    ),
    languages=("en",),
    n_rows=10039,
    licence="IEMOCAP licence agreement",
    may_redistribute=False,
    not_passed_on="the agreement, which every user signs, forbids it",
    licence_link="https://sail.usc.edu/iemocap/iemocap_release.htm",
    accept="the IEMOCAP licence agreement, which you have signed",
    how_to_get="The request form of sail.usc.edu/iemocap; unpack to IEMOCAP_full_release.",
    groups="recording session (two actors)",
    labels=("neu", "hap", "sad", "ang", "fru", "exc", "fea", "sur", "dis", "oth", "xxx"),
    label_note=(
        "Configuration four counts excited as happy, six does not; emotion_basic7 never does."
    ),
    files=r"(^|/)Ses0\d[FM]_(impro|script)\w*\.(wav|avi|txt)$",
    gets_right=(
        "speaker by the turn, every rater's vote, each actor's half of the film cut lazily; 18 "
        "protocols"
    ),
)
