"""What each fusion computes, and what of its released code was repaired."""

from typing import NamedTuple


class Told(NamedTuple):
    """A fusion in words.

    Attributes:
        name: As papers write it.
        paper: Key in ``citations.bib``.
        form: What it is, as the end of "It is ...".
        fixes: What the released code does, and what the fixed form does in its place.
    """

    name: str
    paper: str
    form: str
    fixes: tuple[tuple[str, str], ...]


# Of all ten.
SHARED = (
    (
        "There are no masks: padding, put before the steps, is read like steps",
        "Masks everywhere: padding never changes an answer",
    ),
    (
        "A modality that a clip lacks is a vector of zeros like any other",
        "It is masked; a clip without any modality is refused",
    ),
)
_NO_BUG = (
    "The released form has no bug of its own",
    "The same equation; only what all ten have in common was repaired",
)

FUSIONS: dict[str, Told] = {
    "attention": Told(
        "Attention",
        "lian2024merbench",
        "the sum of one vector per modality, each times a weight that an MLP reads off all three",
        (
            (
                "The weights are three numbers of any size and sign",
                "They pass a softmax over the modalities that the clip has",
            ),
        ),
    ),
    "lmf": Told(
        "LMF",
        "liu2018lmf",
        "the product of one matrix per modality and rank with its vector, a 1 put before it; the "
        "products are weighted over ranks and added",
        (_NO_BUG,),
    ),
    "tfn": Told(
        "TFN",
        "zadeh2017tfn",
        "the outer product of three vectors, a 1 put before each, read by two layers with ReLU",
        (_NO_BUG,),
    ),
    "misa": Told(
        "MISA",
        "hazarika2020misa",
        "a private and a shared vector of each modality, mixed by one transformer layer; three "
        "losses keep private and shared apart, the shared ones alike, and each modality "
        "reconstructible",
        (
            (
                "The distance of moments has no slope where they are equal: a batch of one clip "
                "makes every weight NaN",
                "An epsilon of 1e-12 under the root",
            ),
        ),
    ),
    "mmim": Told(
        "MMIM",
        "han2021mmim",
        "two layers over all three vectors, with two losses: the fusion has to tell its own "
        "modalities from those of other clips, and text has to predict sound and faces",
        (
            (
                "The likelihood leaves the logarithm of the variance out, so a large variance "
                "makes any prediction a good one",
                "It counts, within -10 and 10",
            ),
            (
                "No entropy of what is predicted stands beside its likelihood, so encoders gain by "
                "making it constant",
                "What is predicted is held; only the prediction learns",
            ),
            (
                "A vector of zeros is divided by its length and gives NaN",
                "An epsilon of 1e-8 beside the length",
            ),
            (
                "A net for an entropy term that is not computed is carried along",
                "It is kept, so that released weights load, and frozen",
            ),
        ),
    ),
    "mult": Told(
        "MulT",
        "tsai2019mult",
        "six transformers in which one modality attends to another, three more over what they "
        "make, and the last step of each",
        (
            (
                "Steps do not know where they stand: positions are never switched on",
                "Sinusoidal positions, counted by the mask",
            ),
            ("Padding is attended to", "It is not"),
            ("The last step is taken, whatever stands there", "The last real step is"),
            (
                "A convolution of 3 steps shortens a clip, and fails on one of fewer",
                "Zeros at both ends keep its length",
            ),
        ),
    ),
    "mfn": Told(
        "MFN",
        "zadeh2018mfn",
        "an LSTM cell per modality, attention over their memories of this step and the one before, "
        "and a gated memory of what it finds",
        (("Padding moves the cells and the memory", "Only real steps do"),),
    ),
    "graph_mfn": Told(
        "Graph-MFN",
        "zadeh2018mosei",
        "an MFN whose attention is a graph of all subsets of modalities, with learned strengths on "
        "its edges",
        (
            (
                "The four networks of pairs and of all three are kept in a plain table: never "
                "trained, never saved",
                "They are registered, trained and saved",
            ),
            ("Padding moves the cells and the memory", "Only real steps do"),
        ),
    ),
    "mfm": Told(
        "MFM",
        "tsai2019mfm",
        "a factor for the label, from an MFN, and one per modality, from which each sequence is "
        "built again; all factors are held near a normal distribution",
        (
            (
                "The distance from the normal distribution draws new samples at every call, in "
                "evaluation too, so the loss is another each time",
                "It is the expectation over all samples, the same at every call",
            ),
            (
                "Padding is built again, and counts as error",
                "Steps that are real, of modalities that the clip has",
            ),
            ("Its MFN carries heads that nothing reads", "They are left out"),
        ),
    ),
    "mctn": Told(
        "MCTN",
        "pham2019mctn",
        "a translation of text to faces and back, and of what lies between to sound; the classes "
        "are read off what lies between, so an answer comes from text alone",
        (
            (
                "The recurrence runs over the clips of a batch, so an answer depends on the others",
                "It runs over the steps of a clip",
            ),
            (
                "The decoder is always shown the truth, whatever the ratio of teacher forcing",
                "It is shown its own output as often as the ratio leaves, in evaluation always",
            ),
            (
                "It begins anew at every step, and leaves the first one out",
                "It keeps its state and decodes every step",
            ),
            (
                "Translating padding and filled-up width counts as error",
                "Only real steps and the modality's own width count",
            ),
        ),
    ),
    "unimodal": Told(
        "Unimodal",
        "lian2024merbench",
        "the encoder of one modality (`modality` below) and a head; the others are not looked at",
        (
            (
                "The features of one modality are passed three times through a fusion",
                "They are passed once",
            ),
        ),
    ),
}
