# affecthub[train,plots]
# %% [markdown]
# # Fine-tune with Trainer and PEFT
#
# Stock `transformers` and `peft` over rows of a corpus: what is ours is the model class, its
# processor and the rows. For real runs there are recipes (`affecthub train`), which also keep
# records, resume and report; this page shows that there is no magic in them.
#
# The model is a small AffectGPT from random weights, so that the page runs on a laptop without a
# download. A real one comes in its place by `AutoModelForMultimodalLM.from_pretrained(folder)` and
# `AutoProcessor.from_pretrained(folder)`.

# %%
import affecthub
from affecthub.training.model import from_scratch
from affecthub.training.recipe_parts import ScratchRecipe

folder = affecthub.make_demo("corpus", n_clips=42, n_speakers=6)
clips = affecthub.load_dataset("demo", data_dir=folder, protocol="speaker_independent")
clips = affecthub.with_label_names(clips)

# The tokenizer of a model without a past learns its words from the training clips.
words = [*clips["train"]["text"], *clips["train"]["emotion_name"]]
tiny = {"prompt": ["{fused}", "{audio}", "{video}", " {text}", "{question}"]}
tiny |= {"questions": {"emotion": "?"}, "default_question": "emotion"}
scratch = ScratchRecipe(vocab_size=300, config=tiny)
model, processor = from_scratch(scratch, words, freeze_towers=True)

# %% [markdown]
# ## The training, all of it

# %%
from peft import LoraConfig, get_peft_model
from transformers import Trainer, TrainingArguments, set_seed

from affecthub.modeling.affectgpt import fusion_modules, lora_target_modules

set_seed(0)
# Adapters on the language model; what joins the modalities is trained in full.
lora = LoraConfig(
    r=16,
    lora_alpha=32,
    target_modules=lora_target_modules(model),
    modules_to_save=fusion_modules(model),
)
model = get_peft_model(model, lora)


def collate(rows):
    """Rows of the corpus as tensors, with the answer as labels."""
    sound, film, said, answer = (
        [row[name] for row in rows] for name in ("audio", "video", "text", "emotion_name")
    )
    return processor(text=said, audio=sound, videos=film, answers=answer)


arguments = TrainingArguments(
    "tuned",
    num_train_epochs=6,
    per_device_train_batch_size=7,
    learning_rate=3e-3,
    logging_steps=4,
    remove_unused_columns=False,  # the collator reads media columns that the model never sees
    report_to="none",
    save_strategy="no",
)
trainer = Trainer(model, arguments, data_collator=collate, train_dataset=clips["train"])
trainer.train()
model.save_pretrained("tuned")
model.print_trainable_parameters()

# %%
import matplotlib.pyplot as plt

logged = [entry for entry in trainer.state.log_history if "loss" in entry]
losses = [float(entry["loss"]) for entry in logged]
figure, ax = plt.subplots(figsize=(5, 2.6), layout="constrained")
ax.plot([float(entry["epoch"]) for entry in logged], losses, "o-", color="#0072B2")
_ = ax.set(xlabel="epoch", ylabel="loss (nats per answer token)", ylim=(0, None))

# %% [markdown]
# ## What it answers

# %%
import torch

test = clips["test"]
batch = processor(text=test["text"], audio=list(test["audio"]), videos=list(test["video"]))
model.eval()
with torch.inference_mode():
    tokens = model.generate(**batch.to(model.device), max_new_tokens=6, do_sample=False)
answers = processor.answers(tokens, batch["input_ids"])
metric = affecthub.load_metric("emotion_classification")
scores = metric.compute(predictions=answers, references=test["emotion_name"], labels="demo")
majority = scores["baselines"]["majority"]["accuracy"]
print(f"accuracy {scores['emotion_classification']:.2f}, a constant answer {majority:.2f}")

# %%
from affecthub import plots

ax = plots.confusion_matrix(scores)

# %% [markdown]
# **What is wrong with a naive reading.** The falling loss is no proof of anything: it falls as
# soon as the model has learned to answer with *some* label. The test has seven clips of one
# person, so one clip is fourteen points, and six epochs of a model without a past are a
# demonstration, not a result. The demo of the README trains longer on more clips, says its score
# over three seeds, and shows what it falls to with each modality alone: 38, 30 and 42 % against 86
# % together.
#
# `tuned/` holds the adapter alone, a few hundred kilobytes. A run by a recipe also keeps what the
# adapter stands on, a record and a card, so that `affecthub push model` can send it.
