# affecthub[data,metrics,plots]
# %% [markdown]
# # Bring your own folder
#
# Sound or film and one table are a corpus: no class to write. This page makes such a folder first;
# leave that cell out and name your own.

# %%
import csv
import shutil
from pathlib import Path

import affecthub

source = affecthub.make_demo("corpus", n_clips=42, n_speakers=6)
folder = Path("my_clips")
shutil.rmtree(folder, ignore_errors=True)
(folder / "clips").mkdir(parents=True)
rows = affecthub.with_label_names(affecthub.load_dataset("demo", data_dir=source, split="all"))
with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
    table = csv.writer(file)
    table.writerow(["filename", "transcript", "mood", "who"])
    for row in rows:
        shutil.copy(row["video"]["path"], folder / "clips")
        name = Path(row["video"]["path"]).name
        table.writerow([name, row["text"], row["emotion_name"], row["speaker_id"]])
print(*(folder / "labels.csv").read_text(encoding="utf-8").splitlines()[:3], sep="\n")

# %% [markdown]
# Which column is what is told from usual names. "mood" and "who" are none, so they are said. What
# was taken for what heads the report:

# %%
columns = {"label": "mood", "speaker": "who"}
corpus = affecthub.Corpus(
    "folder", folder, columns=columns, language="en", protocol="speaker_independent"
)
corpus.verify()

# %% [markdown]
# **What to look at.** The lines of the table without a file, and files without a line. Both are
# counted here and never dropped in silence: a clip without media stays, with its reason in
# `media_issue`.
#
# The table has no column for a split, so all clips are one. `protocol="speaker_independent"` makes
# a split of whole people: nobody is on two sides.

# %%
from affecthub import plots

clips = corpus.load()
print({split: sorted(set(part["speaker_id"])) for split, part in clips.items()})
ax = plots.label_distribution(clips)

# %% [markdown]
# ## A metric of your own
#
# A metric is a function over answers and labels. As a class it gets the checks, the documentation
# and the form of an `evaluate` module. This one gives half a point for the right sign.

# %%
from affecthub.labels import polarity
from affecthub.metrics.modules.metric import About, ClipMetric


def near_miss(predictions, references):
    """A point for the label, half of one for another label of the same sign."""
    points = []
    for answer, label in zip(predictions, references, strict=True):
        same_sign = polarity(answer) is not None and polarity(answer) == polarity(label)
        points.append(1.0 if answer == label else 0.5 * same_sign)
    score = sum(points) / len(points) if points else float("nan")
    return {"near_miss": score, "n_clips": len(points)}


class NearMiss(ClipMetric):
    """Labels, with half a point for the same sign."""

    about = About("Labels, with half a point for the same sign.", "One label per clip.")
    function = staticmethod(near_miss)


test = affecthub.with_label_names(clips["test"])["emotion_name"]
always = {}
for word in ("anger", "joy", "neutral"):
    result = NearMiss().compute(predictions=[word] * len(test), references=test)
    always[word] = round(result["near_miss"], 3)
always

# %% [markdown]
# **What is wrong with a naive reading.** Try a constant answer before you trust a score, above all
# your own. "anger" is worth two and a half times as much as "joy" here: four of the seven labels
# are negative, and half a point falls to it for three of them. A score like this has to be read
# beside its best constant answer.
#
# A metric that others load by `evaluate.load` is a folder, as
# [`custom_metric`](custom_metric/README.md) shows; a corpus that loads by its own name on every
# machine is a small package, as [`custom_corpus`](custom_corpus/README.md) shows.
