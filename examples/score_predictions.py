# affecthub[data,metrics,plots]
# %% [markdown]
# # Score predictions, and read the scores
#
# Every score is an `evaluate` module. This page has answers of invented systems that are made to
# fail in a certain way, so that you see which number notices.

# %%
import random

import affecthub
from affecthub import plots
from affecthub.labels import BASIC7

draw = random.Random(0)
# A test set as real ones are: two labels make up most of it.
labels = draw.choices(BASIC7, weights=[10, 2, 3, 25, 50, 6, 4], k=200)
constant = ["neutral"] * len(labels)
careful = [
    label if draw.random() < (0.72 if label == "neutral" else 0.5) else draw.choice(BASIC7)
    for label in labels
]

# %% [markdown]
# ## Accuracy

# %%
metric = affecthub.load_metric("emotion_classification")
scores = {
    name: metric.compute(predictions=answers, references=labels, labels=list(BASIC7))
    for name, answers in {"constant": constant, "careful": careful}.items()
}
for name, result in scores.items():
    shown = ("emotion_classification", "uar", "macro_f1", "weighted_f1")
    print(f"{name:10}", {key: round(result[key], 3) for key in shown})

# %% [markdown]
# **What is wrong with a naive reading.** The constant answer has an accuracy of about a half and
# has heard nothing. Mean recall (`uar`) gives it 1/7, which is what it is worth. The result
# carries the majority baseline along, so that it cannot be forgotten:

# %%
scores["careful"]["baselines"]["majority"]

# %%
ax = plots.confusion_matrix(scores["careful"])

# %% [markdown]
# **What to look at.** Shades are shares of a row, numbers are clips: the row of fear is two clips.
# Read the bottom rows before you say that a system "knows surprise".

# %% [markdown]
# ## How sure is the score?
#
# Draw the test set anew, with replacement, a thousand times. What varies is luck of the 200 clips.

# %%
import numpy as np

right = np.array([answer == label for answer, label in zip(careful, labels, strict=True)])
resampled = np.random.default_rng(0).choice(right, (1000, len(right))).mean(axis=1)
low, high = np.percentile(resampled, [2.5, 97.5])
print(f"accuracy {right.mean():.3f}, 95 % interval {low:.3f} to {high:.3f}")

# %% [markdown]
# Twelve points wide, on 200 clips. Two systems that are three points apart are not apart. Where
# clips of one person or film hang together, draw people or films instead of clips: the interval
# grows.

# %% [markdown]
# ## Open vocabulary: what can be gamed
#
# Hit rate asks whether the one right label is among the words that were said. Set-F also asks how
# many of the words were right.

# %%
meant = [["joyful"], ["angry", "annoyed"], ["sad"], ["worried"], ["calm"]] * 8
modest = [["happy"], ["furious"], ["lonely"], ["afraid"], ["happy"]] * 8
everything = [["happy", "sad", "angry", "afraid", "surprised", "disgusted", "calm"]] * len(meant)
set_f = affecthub.load_metric("set_f")
for name, words in {"modest": modest, "everything": everything}.items():
    found = set_f.compute(predictions=words, references=meant)
    print(f"{name:10}", {k: round(found[k], 2) for k in ("set_f", "set_precision", "set_recall")})

# %% [markdown]
# Naming every emotion has full recall and a low score. "furious" for "angry" counts, since both
# stand in one sector of a wheel. Which words share a sector is what the *lexicon* says: scores of
# two lexicons cannot be compared, so each result names its own.

# %%
print(found["lexicon"])
ax = plots.emotion_wheel(modest, meant)

# %% [markdown]
# Outlines are what annotators meant, bars what was said. An outline without a bar is what the
# system never says: "annoyed" beside "angry", and "sad", for which it says "lonely", another
# sector of the same core. The disc in the middle is neutral, where this wheel puts "calm": never
# said, eight times meant.

# %% [markdown]
# ## Does it know when it is wrong?

# %%
stated = [0.6 + 0.4 * draw.random() for _ in labels]
confidence = affecthub.load_metric("confidence")
calibration = confidence.compute(predictions=stated, references=right, n_bins=10)
ax = plots.reliability_curve(calibration)

# %% [markdown]
# This system says 60 to 100 % whatever the clip: the points lie below the diagonal, and AUROC is
# near one half, so its confidence tells right from wrong no better than a coin. A lower ECE alone
# would not help: stating the mean accuracy for every clip has a fine ECE and knows nothing either.

# %% [markdown]
# ## A stream: where does the emotion turn?

# %%
film = [(0, "neutral"), (9, "neutral"), (21, "joy"), (33, "joy"), (47, "anger"), (60, "sadness")]
heard = ["neutral", "joy", "joy", "joy", "joy", "sadness"]
ends = [start for start, _ in film[1:]] + [75]
truth = [
    {"start_s": start, "end_s": end, "label": label}
    for (start, label), end in zip(film, ends, strict=True)
]
answers = [{**item, "label": label} for item, label in zip(truth, heard, strict=True)]
ax = plots.emotion_track(truth, answers)

# %%
turning = affecthub.load_metric("turning_points")
turns = turning.compute(predictions=[answers], references=[truth])
print({key: round(turns[key], 2) for key in ("turning_points", "change_f1", "label_accuracy")})
print(turns["baselines"]["always_change"]["accuracy"], "for saying that it always turns")

# %% [markdown]
# Two thirds of the labels are right, and of the turning points only some: a system may be good at
# moods and bad at when they change.

# %% [markdown]
# ## How far do people agree?
#
# No system can be expected to agree with the labels more than annotators agree with each other.

# %%
votes = [
    [label if draw.random() < 0.75 else draw.choice(BASIC7) for _ in range(4)] for label in labels
]
agreement = affecthub.load_metric("label_agreement").compute(predictions=votes)
ax = plots.agreement_map(agreement, ["Ann", "Bo", "Cy", "Dee"])
