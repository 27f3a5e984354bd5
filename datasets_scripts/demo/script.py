"""What the invented speakers say, and the words and sentences that describe them.

Every cue of the text is a kind of situation: something unpleasant close by, people and times past,
an unexpected find. Each can be said in two or three emotions, which the words do not settle.
"""

from itertools import product

import numpy as np

from affecthub.datasets_scripts.demo.cues import cue_of

# cue -> sentence patterns, then the words for their two gaps.
_SITUATIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "trouble": (
        (
            "{0} is back {1}",
            "somebody has left {0} {1}",
            "do not go near {0} {1}",
            "I almost stepped on {0} {1}",
            "we still have {0} {1}",
            "I have just seen {0} {1}",
        ),
        (
            *("a dead rat", "that stray dog", "the broken glass", "some rotten meat"),
            *("a swarm of wasps", "that filthy rag", "a leaking drum", "the mouldy sack"),
        ),
        (
            *("behind the fridge", "in my bed", "by the back door", "under the sink"),
            *("on the stairs", "in the dark cellar", "next to the stove", "outside the gate"),
        ),
    ),
    "memory": (
        (
            "{0} and I used to sing {1}",
            "this is the letter {0} wrote {1}",
            "I was thinking of {0} {1}",
            "{0} always waved to us {1}",
            "we said goodbye to {0} {1}",
            "here is the picture of {0} {1}",
        ),
        (
            *("my grandmother", "our old teacher", "my best friend", "the neighbours"),
            *("my brother", "your uncle", "the whole choir", "my first roommate"),
        ),
        (
            *("at the station", "every summer", "on the last evening", "years ago"),
            *("by the lake", "after the harvest", "during that winter", "on Sunday mornings"),
        ),
    ),
    "discovery": (
        (
            "{0} turned up {1}",
            "I looked and found {0} {1}",
            "out of nowhere {0} appeared {1}",
            "{0} was hidden {1}",
            "of all things, there was {0} {1}",
            "we came across {0} {1}",
        ),
        (
            *("a gold ring", "a letter from a king", "the missing map", "a box of pearls"),
            *("a live parrot", "an ancient coin", "the winning ticket", "a secret drawer"),
        ),
        (
            *("inside the piano", "between two pages", "beneath the floor", "in the attic wall"),
            *("at the flea market", "in a loaf of bread", "within the clock", "among the tulips"),
        ),
    ),
}
# Said in any emotion.
_OPENERS = ("", "", "well, ", "listen, ", "you know, ", "honestly, ", "as I said, ", "so, ")

# emotion -> words when mild, words when strong.
OPEN_VOCABULARY: dict[str, dict[str, tuple[str, ...]]] = {
    "anger": {"mild": ("annoyed", "irritated"), "strong": ("furious", "enraged")},
    "disgust": {"mild": ("disgusted",), "strong": ("revolted", "repulsed")},
    "fear": {"mild": ("nervous", "worried"), "strong": ("terrified",)},
    "joy": {"mild": ("cheerful", "content"), "strong": ("delighted", "thrilled")},
    "neutral": {"mild": ("neutral",), "strong": ("calm",)},
    "sadness": {"mild": ("gloomy",), "strong": ("heartbroken", "miserable")},
    "surprise": {"mild": ("surprised",), "strong": ("astonished", "amazed")},
}

_HEARD = {
    "tense": "The voice is {0}high, quick and hard",
    "subdued": "The voice is {0}low, slow and breathy",
    "lilting": "The voice goes {0}up and down like a song",
}
_SEEN = {
    "frown": "the brows are {0}drawn down and so are the corners of the mouth",
    "wide": "the eyes are {0}wide and the mouth is round",
    "soft": "the face is {0}relaxed and the corners of the mouth turn up",
}
_SAID = {
    "trouble": "the words are about something unpleasant close by",
    "memory": "the words are about people and times past",
    "discovery": "the words are about an unexpected find",
}
_STATE = {
    "anger": "angry",
    "disgust": "disgusted",
    "fear": "afraid",
    "joy": "happy",
    "neutral": "calm",
    "sadness": "sad",
    "surprise": "surprised",
}


def sentences(cue: str, n: int, rng: np.random.Generator) -> list[str]:
    """Draw sentences of one cue, no two alike among the first 384 (openers aside).

    So a speaker of the test split says nothing that was said in the training split, in the same
    vocabulary.

    Args:
        cue: ``trouble``, ``memory`` or ``discovery``.
        n: How many; 0 gives an empty list.
        rng: Draws the order.
    """
    patterns, *gaps = _SITUATIONS[cue]
    every = [pattern.format(*words) for pattern, *words in product(patterns, *gaps)]
    order = rng.permutation(len(every))
    openers = rng.choice(_OPENERS, size=n)
    return [_sentence(opener + every[order[i % len(order)]]) for i, opener in enumerate(openers)]


def describe(emotion: str, intensity: str) -> str:
    """The one-sentence description of a clip: what is heard, seen and said, and the emotion.

    Example:
        >>> print(describe("joy", "mild"))
        The voice goes slightly up and down like a song, the face is slightly relaxed and the \
corners of the mouth turn up, and the words are about people and times past: the speaker is happy.
    """
    degree = {"mild": "slightly ", "strong": "very "}[intensity]
    heard = _HEARD[cue_of(emotion, "audio")].format(degree)
    seen = _SEEN[cue_of(emotion, "video")].format(degree)
    said = _SAID[cue_of(emotion, "text")]
    return f"{heard}, {seen}, and {said}: the speaker is {_STATE[emotion]}."


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:] + "."
