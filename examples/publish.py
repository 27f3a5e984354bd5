# affecthub[data,metrics,plots]
# %% [markdown]
# # Publish
#
# What others load by `load_dataset("you/clips")` without this package. Nothing leaves your machine
# on this page: `--dry-run` writes the exact folder that a push would send, and it is loaded from
# there.

# %%
import shutil
import subprocess
import sys

import affecthub

folder = affecthub.make_demo("corpus", n_clips=42, n_speakers=6)
shutil.rmtree("to_send", ignore_errors=True)


def shell(*words):
    """Run affecthub as in a shell, and show what it prints."""
    command = [sys.executable, "-m", "affecthub", *words]
    done = subprocess.run(command, capture_output=True, text=True)
    print(done.stdout + done.stderr)
    return done.returncode


# In a shell: affecthub push dataset demo you/clips --data-dir corpus --dry-run to_send
_ = shell("push", "dataset", "demo", "you/clips", "--data-dir", str(folder), "--dry-run", "to_send")

# %% [markdown]
# **What to look at.** Parquet with the media inside, a file per split, and a card. Without
# `--dry-run` the same command says what it will send, how much and where, and asks. The repository
# is private unless you say `--public`, and others see either all of it or nothing: files go to a
# branch of their own, are compared with the folder, and are shown by one commit.
#
# ## As others will load it

# %%
from datasets import load_dataset

theirs = load_dataset("to_send")
ours = affecthub.load_dataset("demo", data_dir=folder)
print(theirs)
for split in theirs:
    for column in ("id", "text", "emotion", "speaker_id"):
        assert list(theirs[split][column]) == list(ours[split][column])
theirs["test"].features["emotion"].names

# %% [markdown]
# Rows are equal, and labels still have their names. The sound is in the row:

# %%
from io import BytesIO

import matplotlib.pyplot as plt
import soundfile

row = theirs["test"][0]
samples, rate_hz = soundfile.read(BytesIO(row["audio"]["bytes"]))
figure, ax = plt.subplots(figsize=(7, 1.4), layout="constrained")
ax.plot([i / rate_hz for i in range(len(samples))], samples, linewidth=0.4, color="#0072B2")
_ = ax.set(xlabel="s", yticks=[], title=row["text"])

# %% [markdown]
# ## The card
#
# It says what a reader has to know: where the clips come from, what columns mean, which protocols
# there are and what leaks between their splits.

# %%
card = open("to_send/README.md", encoding="utf-8").read()
print(card.split("---\n")[2][:1500])  # below the metadata

# %% [markdown]
# ## What may not be passed on
#
# Most corpora of the field come under an agreement: you may use them and not pass them on. The
# push then stops before it reads a clip, and says why. Here with EmotionTalk, of which nothing
# needs to be there:

# %%
from affecthub.entries import entry_of

entry = entry_of("emotiontalk")
entry.may_redistribute, entry.licence, entry.not_passed_on

# %% [markdown]
# **What is wrong with a naive reading.** "Public on the internet" is not "free to copy". A licence
# on a repository of annotations says nothing of the films that were annotated. Where the terms
# forbid it, pass on the labels (`--labels-only`) where they allow that, and the name of the
# corpus.
