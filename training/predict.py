"""Answers of a model to clips, in batches; a run that was killed goes on where it stopped.

Several processes share the clips, each with a model of its own:

    python -m torch.distributed.run --nproc_per_node 4 -m affecthub predict CORPUS ...
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import datasets

from affecthub.datasets_scripts import load_dataset
from affecthub.modeling.affectgpt.processing_prompt import spell_question
from affecthub.training.answer_keys import is_split, model_key
from affecthub.training.examples import Examples
from affecthub.training.features.using import open_for
from affecthub.training.journal import Journal
from affecthub.training.merging import merge_parts
from affecthub.training.model import load_model
from affecthub.training.prediction.answers import Answers
from affecthub.training.prediction.batches import batches_by_length, prompt_lengths
from affecthub.training.prediction.clips import Clips
from affecthub.training.prediction.files import MediaFiles
from affecthub.training.prediction.generation import generate, in_eval_mode
from affecthub.training.prediction.session import finish, learn, left, note
from affecthub.training.prediction.streaming import AnswerStreamer
from affecthub.training.processes import gathered, this_process, together
from affecthub.training.recipe import Recipe, load_recipe
from affecthub.training.shares import Share


def predict(
    model: Any,
    processor: Any,
    rows: datasets.Dataset,
    recipe: Recipe,
    *,
    output_file: str | Path | None = None,
    replace_answers: bool = False,
    progress: bool = True,
    retry: bool = False,
    features: Any = None,
    shard: Share | None = None,
) -> Answers:
    """The model's answer to every clip, greedily.

    Where `torch.distributed` is initialised, every process answers its share and gets all answers.
    Batches are of prompts of like length and do not depend on the processes.

    A clip that has none of the modalities, media that cannot be read, or too long a prompt, is
    answered with "": it counts as unanswered. Such clips are named in a warning and have an
    ``error`` in the file.

    Args:
        model: A trained AffectGPT, with or without adapters; each process has all of it, or all
            have pieces of one.
        processor: Its processor.
        rows: Rows of a corpus.
        recipe: Says the modalities, the question, the batch size and the longest answer; and the
            ``features`` to answer from, where none are given here.
        output_file: jsonl with `id` and `prediction` per line, in the order of the rows, and the
            keys of what gave the answer. It is written when all clips are answered; until then
            each process notes its answers, batch by batch, in a file of its own beside it. Clips
            that this model answered there already, to this question and from the same media, are
            not asked again.
        replace_answers: Start `output_file` anew where its answers are another model's, or to
            another question; by default it is refused.
        progress: Show a progress bar.
        retry: Ask again about clips that could not be asked.
        features: What the towers make of the clips, a ``FeatureCache``, in place of media.
        shard: Answer this part of the clips alone, and leave its answers in `output_file`'s part
            for `merge_answers`.

    Returns:
        Answer by clip id, in the order of the rows; no rows give an empty dict. With `shard`, the
        answers of that part.

    Raises:
        ValueError: `output_file` is not such a jsonl, or of another model or question, or another
            process is writing it; the question is not known.
        UnusableClipError: Not a single clip can be asked.
        RuntimeError: Another process failed.
    """
    started = time.perf_counter()
    process, shard = this_process(), shard or Share()
    clips = Clips(rows, recipe, features=features, keyed=output_file is not None)
    if not clips.ids:
        return Answers()
    processor.require_fit(model.config)
    asked = recipe.question or processor.default_question
    spell_question(asked, processor.questions, recipe.options)
    if features is None:
        features = open_for(recipe, rows)
    else:
        features.require_clips(rows, recipe.modalities, recipe.corpus)
    if features is not None:
        features.require_fit(model, processor)
    examples = Examples(rows, processor, recipe, with_answer=False, features=features)
    plan = batches_by_length(prompt_lengths(rows, processor, recipe), recipe.predict_batch_size)
    plan = list(shard.of(plan))
    together_asked = is_split(model)
    own = plan if together_asked else list(process.of(plan))
    key = model_key(model, processor, recipe, features) if output_file else ""
    path = None if together_asked and process.index else output_file
    with together("read the answers that are there"):
        journal = Journal(path, key, process=process, shard=shard, replace=replace_answers)
    with journal:
        todo = left(journal, clips, own, retry=retry)
        n_tokens = 0
        if any(gathered(bool(todo))):
            with together("begin to write answers"):
                journal.begin()
            with together("answer its clips"):
                journal.open()
                with in_eval_mode(model):
                    for answers in generate(
                        model, processor, examples, todo, recipe, progress=progress
                    ):
                        n_tokens += sum(answer.n_tokens for _, answer in answers)
                        note(journal, clips, answers)
        n_asked, n_tokens = learn(journal, n_tokens, only_first=together_asked)
        found = finish(journal, [clips.ids[i] for batch in plan for i in batch], clips.ids)
    found.n_asked, found.n_tokens = n_asked, n_tokens
    found.seconds = max(gathered(time.perf_counter() - started))
    return found


def predict_corpus(
    model_id: str | Path,
    corpus: str,
    data_dir: str | Path,
    *,
    split: str = "test",
    protocol: str = "speaker_independent",
    question: str | None = None,
    options: Sequence[str] = (),
    max_new_tokens: int = 64,
    output_file: str | Path | None = None,
    progress: bool = True,
    batch_size: int | None = None,
    limit: int | None = None,
    retry: bool = False,
    features: str | Path | None = None,
    shard: Share | None = None,
) -> Answers:
    """Load a saved model and answer every clip of a corpus' split.

    Args:
        model_id: Folder or Hub id of a saved AffectGPT.
        corpus: Corpus name.
        data_dir: The corpus' folder.
        split: Split of the protocol.
        protocol: Protocol of the corpus.
        question: Named question or one in words; None asks what the model was trained on.
        options: What a question that names ``{options}`` chooses from.
        max_new_tokens: Longest answer.
        output_file: See `predict`.
        progress: Show a progress bar.
        batch_size: Clips that are asked together; None takes what the model was trained with.
        limit: Answer the first clips alone; None answers all.
        retry: See `predict`.
        features: Folder of a feature cache, see `predict`.
        shard: See `predict`.

    Returns:
        Answer by clip id.

    Raises:
        ValueError: See `predict`, and `load_dataset`.
    """
    rows = _rows(corpus, data_dir, protocol, split, limit)
    model, processor = load_model(model_id)
    recipe = _asking(model_id, corpus, question, options, max_new_tokens)
    if batch_size is not None:
        recipe = replace(recipe, predict_batch_size=batch_size)
    cache = None
    if features is not None:
        from affecthub.training.features import FeatureCache

        cache = FeatureCache.open(features)
    return predict(
        model,
        processor,
        rows,
        recipe,
        output_file=output_file,
        progress=progress,
        retry=retry,
        features=cache,
        shard=shard,
    )


def merge_answers(
    output_file: str | Path,
    corpus: str,
    data_dir: str | Path,
    *,
    split: str = "test",
    protocol: str = "speaker_independent",
    limit: int | None = None,
) -> Answers:
    """Make one file of what the shards of a prediction left beside it; no model is needed.

    Args:
        output_file: As it was given to every shard; their parts lie in its folder.
        corpus: See `predict_corpus`, as for what follows.
        data_dir: The corpus' folder.
        split: Split of the protocol.
        protocol: Protocol of the corpus.
        limit: As it was given to every shard.

    Raises:
        FileNotFoundError: There are no answers.
        ValueError: Clips without an answer, answers of several models, or a shard still writes.
    """
    path = Path(output_file)
    ids = list(_rows(corpus, data_dir, protocol, split, limit)["id"])
    lines = merge_parts(path, ids)
    return Answers(lines[clip_id] for clip_id in ids)


def predict_files(
    model_id: str | Path,
    clips: Sequence[str | Path],
    *,
    text: str | None = None,
    question: str | None = None,
    options: Sequence[str] = (),
    faces: Any = None,
    max_new_tokens: int = 64,
    batch_size: int | None = None,
    stream: bool = False,
) -> Answers:
    """Load a saved model and answer media files: a video with its sound, or a sound alone.

    Files are read as ``model.describe`` reads them, by the processor's ``read``.

    Args:
        model_id: Folder or Hub id of a saved AffectGPT.
        clips: Paths.
        text: Transcript, for one clip.
        question: Named question or one in words; None asks what the model was trained on.
        options: What a question that names ``{options}`` chooses from.
        faces: What finds the faces, a ``FaceCropper`` or a ``FaceFolder``; see the processor.
        max_new_tokens: Longest answer.
        batch_size: Clips that are asked together; None takes what the model was trained with.
        stream: Print the answer to the one clip while it is generated.

    Returns:
        Answer by path.

    Raises:
        FileNotFoundError: A clip is not there.
        ValueError: A clip cannot be decoded, a transcript comes with several clips, or several
            are to be streamed.
    """
    if text is not None and len(clips) != 1:
        raise ValueError(f"`text` is the transcript of one clip: got {len(clips)} clips.")
    if stream and len(clips) != 1:
        raise ValueError(f"one answer is streamed at a time: got {len(clips)} clips, expected 1.")
    paths = [Path(clip) for clip in clips]
    for path in paths:
        if not path.is_file():
            kind = "a folder" if path.is_dir() else "nothing there"
            raise FileNotFoundError(f"clip not found: {path} ({kind}). Expected a file.")
    started = time.perf_counter()
    model, processor = load_model(model_id)
    recipe = _asking(model_id, "files", question, options, max_new_tokens)
    processor.require_fit(model.config)
    files = MediaFiles(paths, processor, recipe, text, faces)
    size = batch_size or recipe.predict_batch_size
    batches = [range(len(paths))[i : i + size] for i in range(0, len(paths), size)]
    streamer = AnswerStreamer(processor) if stream else None
    lines: list[dict[str, Any]] = []
    n_tokens = 0
    with in_eval_mode(model):
        for answers in generate(model, processor, files, batches, recipe, streamer=streamer):
            for number, said in answers:
                if said.error is not None:
                    raise ValueError(said.error)
                n_tokens += said.n_tokens
                clip = {"id": str(paths[number]), "prediction": said.text}
                lines.append(clip | {"cut": said.is_cut})
    found = Answers(lines, n_asked=len(lines), n_tokens=n_tokens)
    found.seconds = time.perf_counter() - started
    return found


def _rows(
    corpus: str, data_dir: str | Path, protocol: str, split: str, limit: int | None
) -> datasets.Dataset:
    """The clips of a split, or the first of them."""
    rows = load_dataset(corpus, data_dir=data_dir, protocol=protocol, split=split)
    return rows if limit is None else rows.select(range(min(limit, len(rows))))


def _asking(
    model_id: str | Path,
    corpus: str,
    question: str | None,
    options: Sequence[str],
    max_new_tokens: int,
) -> Recipe:
    """Make the recipe of a prediction from the one the model was trained by, where it is there."""
    kept = Path(model_id) / "recipe.yaml"
    # No question leaves it to the processor, which asks the model's own.
    unknown = Recipe(corpus=corpus, model=str(model_id), question="")
    trained = load_recipe(kept) if kept.is_file() else unknown
    return replace(
        trained,
        corpus=corpus,
        more_corpora=(),
        weight=None,
        question=question or trained.question,
        options=tuple(options) or (trained.options if question is None else ()),
        max_new_tokens=max_new_tokens,
        cache_media=False,
        features=None,
    )
