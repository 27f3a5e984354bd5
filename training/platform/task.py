"""What is asked of annotators, in which order, and when they agree: a task file."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import yaml

from affecthub.errors import unknown_name
from affecthub.training.platform.questions import (
    MODALITIES,
    Question,
    read_modalities,
    read_question,
    read_words,
)
from affecthub.training.platform.rules import Rule, read_rules

ORDERS = ("by_clip", "by_modality")
AGGREGATIONS = ("per_class", "sum")
_HOME = "affecthub.training.platform"


@dataclass(frozen=True)
class Review:
    """When a clip's answers go back to their annotators, and then to a reviewer.

    Attributes:
        least_share: Least share of annotators on the leading label; below it they disagree.
        min_confidence: Least mean confidence of those who chose it.
        negotiation_rounds: How often annotators who disagree see each other's answers and may
            change theirs, before a reviewer decides.
        aggregate: How labels are counted: ``"per_class"`` is EmotionTalk's equation as printed,
            ``"sum"`` adds confidences up; see ``annotation.aggregation.weighted_vote``.
    """

    least_share: float = 0.6
    min_confidence: float = 0.4
    negotiation_rounds: int = 1
    aggregate: Literal["per_class", "sum"] = "per_class"


@dataclass(frozen=True)
class Task:
    """A whole annotation task.

    Attributes:
        questions: What is asked, in the order of the page.
        modalities: What clips are shown as, in the order of ``questions.MODALITIES``. A clip that
            lacks one is not asked about in it.
        annotators_per_clip: How many different people label each clip.
        context_turns: How many turns of the dialogue before the clip may be heard or read.
        order: ``"by_clip"``: a clip in all its modalities, then the next; ``"by_modality"``: a
            dialogue's clips in one modality, then all in the next.
        rules: Answers that contradict each other.
        review: When annotators agree.
        title, guide: Language to words at the top of the page, and to the guideline.

    Source: EmotionTalk, section 3.2: five annotators, each modality by itself in this order, a
        label with a confidence, several rounds of negotiation, experts.
    Differs: the paper states no threshold of disagreement; those of `Review` are ours.
    """

    questions: tuple[Question, ...]
    modalities: tuple[str, ...] = MODALITIES
    annotators_per_clip: int = 5
    context_turns: int = 3
    order: Literal["by_clip", "by_modality"] = "by_clip"
    rules: tuple[Rule, ...] = ()
    review: Review = field(default_factory=Review)
    title: Mapping[str, str] = field(default_factory=dict)
    guide: Mapping[str, str] = field(default_factory=dict)

    def asked_in(self, modality: str) -> list[Question]:
        """The questions of one modality."""
        return [question for question in self.questions if modality in question.modalities]

    def column(self, question: Question, modality: str) -> str:
        """Where an answer stands in an export: the richest modality's has the plain name."""
        plain = modality == self.modalities[-1]
        return question.name if plain else f"{question.name}_{modality}"

    def to_dict(self) -> dict[str, Any]:
        """The task as plain values, for the page and the database."""
        content = asdict(self)
        for question, plain in zip(self.questions, content["questions"], strict=True):
            plain["label_words"] = question.label_words()
        return content

    @property
    def key(self) -> str:
        """SHA-256 of what given answers depend on: words, rules and thresholds may change."""
        content = {name: getattr(self, name) for name in _FIXED}
        asked = [asdict(question) for question in self.questions]
        content["questions"] = [
            {name: value for name, value in each.items() if name not in ("say", "hint")}
            for each in asked
        ]
        text = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


_FIXED = ("modalities", "annotators_per_clip", "order")
# What an export's table says of every clip.
CLIP_COLUMNS = ("id", "text", "speaker", "dialogue", "split", "language", "file")


def task_names() -> list[str]:
    """The tasks that come with the package."""
    folder = files(_HOME) / "tasks"
    return sorted(each.name[:-5] for each in folder.iterdir() if each.name.endswith(".yaml"))


def load_task(name_or_path: str, labels: tuple[str, ...]) -> Task:
    """Read a task file.

    Args:
        name_or_path: A name of `task_names`, or the path of a YAML file of your own.
        labels: The corpus' label set, which ``labels: corpus`` stands for.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The name is unknown, or the file is not understood.

    Example:
        >>> task = load_task("emotiontalk", ())
        >>> [question.name for question in task.questions][:2], task.annotators_per_clip
        (['emotion', 'sentiment'], 5)
    """
    return read_task(task_content(name_or_path), labels, name_or_path)


def task_content(name_or_path: str) -> Any:
    """What stands in a task file, as YAML gives it; see `load_task`."""
    if name_or_path in task_names():
        text = (files(_HOME) / "tasks" / f"{name_or_path}.yaml").read_text(encoding="utf-8")
    elif name_or_path.endswith((".yaml", ".yml")):
        text = Path(name_or_path).read_text(encoding="utf-8-sig")
    else:
        raise unknown_name("task", name_or_path, [*task_names(), "FILE.yaml"])
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"{name_or_path}: got no readable YAML ({error})") from error


def read_task(content: Any, labels: tuple[str, ...], where: str) -> Task:
    """A task of the content of a task file.

    Args:
        content: As YAML gave it.
        labels: As for `load_task`.
        where: The file, for errors.

    Raises:
        ValueError: A field is unknown, missing or of another form.
    """
    if not isinstance(content, Mapping):
        raise ValueError(f"{where}: got {content!r}, expected questions and what else a task has")
    known = list(Task.__dataclass_fields__)
    for name in content:
        if name not in known:
            raise unknown_name(f"field in {where}", name, known)
    asked = content.get("questions")
    if not isinstance(asked, list) or not asked:
        raise ValueError(f"{where}, `questions`: got {asked!r}, expected a list of questions")
    questions = tuple(
        read_question(each, labels, f"{where}, question {i}") for i, each in enumerate(asked, 1)
    )
    names = [question.name for question in questions]
    if len(set(names)) < len(names):
        raise ValueError(f"{where}, `questions`: got names {names}, expected a different one each")
    modalities = read_modalities(content.get("modalities", MODALITIES), f"{where}, `modalities`")
    for modality in modalities:
        if not any(modality in question.modalities for question in questions):
            raise ValueError(
                f"{where}: got no question for {modality}, expected one or more. Leave it out of "
                "`modalities`, or add it to the `in` of a question."
            )
    order = content.get("order", "by_clip")
    if order not in ORDERS:
        raise unknown_name(f"order in {where}", order, ORDERS)
    task = Task(
        questions=questions,
        modalities=modalities,
        annotators_per_clip=_whole(content, "annotators_per_clip", 5, 1, where),
        context_turns=_whole(content, "context_turns", 3, 0, where),
        order=order,
        rules=read_rules(content.get("rules", "signs"), questions, where),
        review=_read_review(content.get("review", {}), where),
        title=read_words(content.get("title", {}), f"{where}, `title`"),
        guide=read_words(content.get("guide", {}), f"{where}, `guide`"),
    )
    _require_columns(task, where)
    return task


def _require_columns(task: Task, where: str) -> None:
    """Refuse a name that would write over a column of an export."""
    seen = {*CLIP_COLUMNS}
    for modality in task.modalities:
        own = [f"n_votes_{modality}", f"status_{modality}"]
        for question in task.asked_in(modality):
            name = task.column(question, modality)
            own += [name, f"{name}_score"] if question.kind == "choice" else [name]
        for name in own:
            if name in seen:
                raise ValueError(
                    f"{where}, `questions`: got a name that makes the column {name!r} of an export "
                    f"twice, expected others. Columns are {', '.join(CLIP_COLUMNS)}, and of "
                    "questions NAME, NAME_score and the same with a modality between."
                )
            seen.add(name)


def _read_review(content: Any, where: str) -> Review:
    where = f"{where}, `review`"
    if not isinstance(content, Mapping):
        raise ValueError(f"{where}: got {content!r}, expected thresholds by name")
    for name in content:
        if name not in Review.__dataclass_fields__:
            raise unknown_name(f"field in {where}", name, Review.__dataclass_fields__)
    shares = {name: content.get(name, getattr(Review, name)) for name in _SHARES}
    for name, value in shares.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise ValueError(f"{where}, `{name}`: got {value!r}, expected a number from 0 to 1")
    aggregate = content.get("aggregate", "per_class")
    if aggregate not in AGGREGATIONS:
        raise unknown_name(f"aggregation in {where}", aggregate, AGGREGATIONS)
    rounds = _whole(content, "negotiation_rounds", 1, 0, where)
    return Review(**shares, negotiation_rounds=rounds, aggregate=aggregate)


_SHARES = ("least_share", "min_confidence")


def _whole(content: Mapping[str, Any], name: str, default: int, least: int, where: str) -> int:
    value = content.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= 100:
        raise ValueError(f"{where}, `{name}`: got {value!r}, expected {least} to 100")
    return value
