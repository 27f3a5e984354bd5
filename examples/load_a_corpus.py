# affecthub[data,metrics,plots]
# %% [markdown]
# # Load a corpus and look at it
#
# The corpus here is invented: six people who do not exist, drawn and voiced on your machine in a
# few seconds. A corpus of your own loads by the same calls, with its own name and folder;
# `affecthub data list` says which ones there are.

# %%
import affecthub
from affecthub import plots

folder = affecthub.make_demo("corpus", n_clips=42, n_speakers=6)
corpus = affecthub.Corpus("demo", folder, protocol="speaker_independent")
corpus

# %% [markdown]
# **What to look at.** How many clips have sound and film, how many people speak, and the licence.
# The same table for a real corpus says at once if half of the films did not arrive.
#
# `verify` goes further: it opens the media, and compares the counts with those that the paper
# states.

# %%
corpus.verify()

# %%
clips = affecthub.with_label_names(corpus.load())
clips

# %% [markdown]
# ## One clip
#
# A row is plain: text, numbers, and where the media lie. Nothing is decoded until you ask.

# %%
row = clips["train"][0]
{name: row[name] for name in ("id", "speaker_id", "text", "emotion_name", "open_vocabulary")}

# %%
import matplotlib.pyplot as plt

sound, frames = affecthub.read_audio(row), affecthub.read_frames(row, 6)
figure, axes = plt.subplots(2, 6, figsize=(9, 2.8), height_ratios=[3, 1], layout="constrained")
for ax, frame in zip(axes[0], frames, strict=True):
    ax.imshow(frame)
    ax.set_axis_off()
for ax in axes[1]:
    ax.remove()
wave = figure.add_subplot(axes[1, 0].get_gridspec()[1, :])
wave.plot(sound, linewidth=0.4, color="#0072B2")
wave.set_axis_off()

# %% [markdown]
# ## Labels, split by split

# %%
ax = plots.label_distribution(clips, "emotion")

# %% [markdown]
# **What is wrong with a naive reading.** These bars are equal because the corpus was made so. In a
# real one they never are: of MELD's test clips nearly half are neutral, so a model that always
# says "neutral" scores nearly half. Look here first, and then at no accuracy without that of the
# most frequent label beside it.
#
# A label may also be missing. Clips without one are a bar of their own, not left out in silence.

# %%
ax = plots.label_distribution(clips["train"], "open_vocabulary", as_share=False, n_most=12)

# %% [markdown]
# Free words instead of a closed set: annotators write what they see. Different words mean nearly
# the same, so counting equal words says little. An emotion wheel puts neighbours together:

# %%
ax = plots.emotion_wheel(clips["train"]["open_vocabulary"], wheel="intensity wheel")

# %% [markdown]
# ## Who is in which split
#
# A model that has heard a person knows their voice, not only their mood. Where the same people
# speak in training and test, scores are too good. `speaker_independent` keeps people apart;
# `leaks` looks whether it is so.

# %%
people = {split: set(rows["speaker_id"]) for split, rows in clips.items()}
print(people)
corpus.leaks()

# %% [markdown]
# A random split of the same clips does the opposite. This is the split that many scripts make:

# %%
everyone = corpus.rows()
shuffled = everyone.train_test_split(test_size=0.25, seed=0)
shared = set(shuffled["train"]["speaker_id"]) & set(shuffled["test"]["speaker_id"])
print(f"{len(shared)} of {len(set(everyone['speaker_id']))} people are on both sides")

# %% [markdown]
# **Next.** [Score predictions](score_predictions.ipynb), or [bring a folder of your
# own](your_own_folder.ipynb).
