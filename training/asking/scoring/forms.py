"""Which form of answer a journal's prompt asked for, and its answers read by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from affecthub.errors import unknown_name
from affecthub.labels import spelled_out
from affecthub.metrics.replies.reading import FORMS, read_reply
from affecthub.metrics.replies.values import Reading, Stated
from affecthub.training.asking.prompts.registry import Prompt, load_prompt, prompt_names
from affecthub.training.asking.scoring.journals import Asked

# Forms whose answer is one of the corpus' own labels where the prompt names none.
_CLOSED = ("one_of", "confidence")


@dataclass(frozen=True)
class Form:
    """How a journal's answers are read.

    Attributes:
        name: One of `affecthub.metrics.replies.reading.FORMS`.
        labels: The set that answers are of; empty for the corpus' own.
        prompt: What was asked, ``id@version``; "" where it is not known.
        language: Of the prompt; "" where it is not known.
    """

    name: str
    labels: tuple[str, ...] = ()
    prompt: str = ""
    language: str = ""


def form_of(
    journal: Asked, *, prompt: str | Sequence[str] | None = None, form: str | None = None
) -> Form:
    """How a journal's answers are to be read.

    Args:
        journal: Says by which prompt it was asked.
        prompt: Name or file of the prompt, where it is none of affecthub's own; of several the
            one that the journal names.
        form: Name of a form, in place of a prompt.

    Raises:
        FileNotFoundError: The prompt's file is not there.
        ValueError: Both are given, a name is unknown, the journal was asked by another prompt or
            version, or does not say by which one.
    """
    prompts = (prompt,) if isinstance(prompt, str) else tuple(prompt or ())
    if prompts and form is not None:
        raise ValueError("`--prompt` and `--form` say the same: got both, expected one of them.")
    if form is not None:
        if form not in FORMS:
            raise unknown_name("form of answers", form, FORMS)
        return Form(form, prompt=journal.prompt)
    if prompts:
        return _as_asked([load_prompt(each) for each in prompts], journal)
    if not journal.prompt:
        raise ValueError(
            f"{journal.path} does not say what was asked: got lines without `prompt`, as "
            "`affecthub predict` writes them. Give --form, one of "
            f"{', '.join(FORMS)}, or --prompt."
        )
    name = journal.prompt.partition("@")[0]
    if name not in prompt_names():
        raise ValueError(
            f"{unknown_name('prompt', name, prompt_names())} {journal.path} was asked by "
            f"{journal.prompt}. Give its file with --prompt; `affecthub score` also takes --form, "
            f"one of {', '.join(FORMS)}."
        )
    return _as_asked([load_prompt(name)], journal)


def _as_asked(prompts: Sequence[Prompt], journal: Asked) -> Form:
    """The form of a prompt, which must be that of the journal; of several the one it names."""
    fits = [each for each in prompts if journal.prompt in ("", each.name)]
    if len({each.name for each in fits}) != 1:
        said = " or ".join(each.name for each in prompts)
        what = "by another prompt" if journal.prompt else "by one of several prompts"
        raise ValueError(
            f"{journal.path} was asked {what}: got {journal.prompt or 'lines that say none'}, "
            f"expected {said}. Give the prompt it was asked by with --prompt, or --form."
        )
    return Form(fits[0].form, tuple(fits[0].labels), fits[0].name, fits[0].language)


def read_answers(
    answers: Mapping[str, str], form: Form, labels: Sequence[str] = (), *, aliases: bool = False
) -> dict[str, Reading]:
    """Read the answers of a journal.

    Args:
        answers: Clip id to answer as it came.
        form: How they are read.
        labels: The corpus' own label set, for forms of one label whose prompt names none.
        aliases: Also take words that mean a label of the set for it.

    Raises:
        ValueError: The form needs a label set and there is none.
    """
    own = spelled_out(labels) if form.name in _CLOSED and not form.labels else {}
    known = tuple(form.labels or dict.fromkeys([*own, *(labels if own else ())])) or None
    read = {clip: read_reply(answer, form.name, known, aliases) for clip, answer in answers.items()}
    return {clip: _as_released(each, own) for clip, each in read.items()} if own else read


def _as_released(reading: Reading, labels: Mapping[str, str]) -> Reading:
    """A reading whose label is the corpus' own, where the model was asked by its name."""
    said = reading.value
    if isinstance(said, Stated) and said.label in labels:
        return replace(reading, value=replace(said, label=labels[said.label]))
    return reading
