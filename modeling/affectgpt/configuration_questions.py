# Copied from src/affecthub/questions.py by `make copies`; change it there.
"""What is asked about a clip, in our words: by the question's name, and by the column that answers.

The models ask by name; exports ask for what a corpus' column holds. modeling/affectgpt carries a
copy of this file, because what it imports must travel to the Hub with it.
"""

# Name -> the question; `{options}` is filled with what can be chosen from.
QUESTIONS = {
    "labels": "Which emotions does this person show? List every one that applies.",
    "description": (
        "What is this person feeling, and which signs in the voice, the face and the words tell?"
    ),
    "emotion": (
        "Which single word fits this person best: anger, disgust, fear, joy, neutral, sadness or "
        "surprise?"
    ),
    "one_of": "Which one of these fits this person best: {options}?",
    "sentiment": "Is this person's feeling positive, negative or neutral?",
    "valence": "How pleasant is this person's feeling, from -1 (unpleasant) to 1 (pleasant)?",
}

# Column that answers -> the question; `{labels}` and `{scale}` are the corpus' own.
COLUMN_QUESTIONS = {
    "emotion": (
        "Which emotion does the person in this clip show? Answer with one of these words: {labels}."
    ),
    "open_vocabulary": (
        "Which emotions does the person in this clip show? "
        "Name every one that fits, separated by commas."
    ),
    "description": (
        "What do the voice, the face and the words in this clip say about how the person feels? "
        "Describe it."
    ),
    "sentiment": (
        "How does the person in this clip feel? Answer with a number{scale}: below zero for "
        "negative, above zero for positive, the further from zero the stronger."
    ),
}
