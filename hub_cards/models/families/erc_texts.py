"""What each conversation model computes, what was repaired, and what of its form is ours."""

from typing import NamedTuple


class Told(NamedTuple):
    """A conversation model in words.

    Attributes:
        name: As papers write it.
        papers: Keys in ``citations.bib``.
        form: What it is, as the end of "It is ...".
        fixes: What the released code does, and what the fixed form does in its place; empty where
            no code was released.
        ours: What of the form is ours, since it is not public.
    """

    name: str
    papers: tuple[str, ...]
    form: str
    fixes: tuple[tuple[str, str], ...] = ()
    ours: str = ""


_HISTORIES = (
    "Layers of the memories also run over the empty places before a dialogue, so that an answer "
    "depends on how many there are",
    "Empty places are skipped",
)
_PENALTY = (
    "The loss has a penalty on weights that is averaged over matrices and takes the bias of the "
    "classes in",
    "The loss is the labels' alone; weight decay is the optimiser's, or `l2` of all weights",
)
_TURNS = (
    "The paper's architecture is not public. This is the form in which a later paper is said to "
    "have compared it"
)

CONVERSATIONS: dict[str, Told] = {
    "cmn": Told(
        "CMN",
        ("hazarika2018cmn",),
        "a memory network: what the speaker and what others said before are two memories, which "
        "the utterance reads several times",
        (
            (
                "Memories that are asked and memories that are read come of one layer and are the "
                "same at every reading",
                "Layers of their own; what was read is what the next reading asks",
            ),
            (
                "Attention over one side's memory also falls on the places of the other's",
                "A side is read where it spoke",
            ),
            _HISTORIES,
            _PENALTY,
        ),
    ),
    "icon": Told(
        "ICON",
        ("hazarika2018icon",),
        "a memory network: what the speaker and what others said before are one memory, made anew "
        "of itself before each of several readings",
        (_HISTORIES, _PENALTY),
    ),
    "dialoguernn": Told(
        "DialogueRNN",
        ("majumder2019dialoguernn",),
        "a recurrent network with a state of the dialogue, one per speaker and one of emotion",
        (
            (
                "Before the attention over the dialogue leaves padding out, it counts it as a "
                "score of 0",
                "Padding is left out first; the answers are the same as long as numbers do not run "
                "out",
            ),
        ),
    ),
    "dialoguegcn": Told(
        "DialogueGCN",
        ("ghosal2019dialoguegcn",),
        "a recurrent layer over the dialogue and two layers of a graph, in which an utterance "
        "hears those in its window by who speaks and who comes first",
        (
            (
                "Messages run backwards: with a window of the past alone an utterance hears the "
                "future",
                "An utterance hears its window",
            ),
            (
                "The weight of an edge depends on the place of the utterance in the dialogue, and "
                "there are 110 places",
                "It is the paper's: what one utterance says against the other; dialogues of any "
                "length",
            ),
            (
                "Scores of the attention over the dialogue pass tanh, which leaves them much alike",
                "They do not",
            ),
            (
                "The recurrent layer reads padding, so that an answer depends on the batch",
                "Padding never changes an answer",
            ),
            (
                "Relations of eleven speakers and more share numbers by chance",
                "Every relation has its number",
            ),
        ),
    ),
    "bigru": Told(
        "BiGRU",
        (),
        "a bidirectional recurrent network (GRU)",
        ours="EmotionTalk names it without a source: sizes and window are ours.",
    ),
    "avef": Told(
        "AVEF",
        ("shahriar2019forecasting",),
        "a bidirectional recurrent network (LSTM) over the last utterances and a dense layer",
        ours="The paper's network reads frames of sound and face of one person, whose own next "
        "turn it forecasts. Here a step is the features of an utterance, whoever speaks, and the "
        "next utterance is anybody's.",
    ),
    "dep": Told(
        "DEP",
        ("shi2020dep",),
        "a recurrent network (GRU) over the last steps, whose states go to two readers: those of "
        "the next speaker and those of all others",
        ours=f"{_TURNS}, second-hand. That it looks back from the last state, and how far, is "
        "ours.",
    ),
    "eamt": Told(
        "EAMT",
        ("shi2023eamt",),
        "a recurrent network (GRU) over the last turns, whose states go to two readers with "
        "self-attention: those of the next speaker and those of who spoke last of all others",
        ours=f"{_TURNS}, second-hand. In dialogues of two it differs from DEP in turns and "
        "attention alone.",
    ),
}
