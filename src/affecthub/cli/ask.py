"""``affecthub ask``: a prompt to any model about the clips of a corpus, into a journal."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from affecthub.cli.checks import require_corpus, require_writable
from affecthub.cli.options import DataDir, Options, Roots, named_folders, own_options, yaml_value
from affecthub.cli.printing import AsJson, console, print_json
from affecthub.errors import require_extras
from affecthub.training.shares import Share

if TYPE_CHECKING:
    from affecthub.training.asking.answers import Answers
    from affecthub.training.asking.asks import Backend

# How its options are grouped in the help.
ASKED = "What is asked"
MODEL = "The model"
CORPUS = "The corpus"
SEVERAL = "Several machines"


def ask(
    corpus: Annotated[str, typer.Argument(help="The corpus, by name.")],
    data_dir: DataDir,
    out: Annotated[
        Path,
        typer.Option(
            "--out", help="Journal: a line of JSON per clip; a run that was stopped goes on."
        ),
    ],
    model: Annotated[
        str | None,
        typer.Option(
            help="Folder or Hub id; URL#MODEL of an OpenAI-compatible endpoint, such as "
            "http://localhost:8000/v1#Qwen/Qwen2.5-Omni-7B; pretrained:gemma3-270m out of package "
            "wheels; or script:FILE of answers by clip.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    prompt: Annotated[
        str | None,
        typer.Option(help="Name of a prompt, or a YAML file.", rich_help_panel=ASKED),
    ] = None,
    media: Annotated[
        str,
        typer.Option(
            help="What is handed over: letters of a (sound), v (pictures) and t (words alone, or "
            "beside them). A prompt with {subtitle} says the words in any case.",
            rich_help_panel=ASKED,
        ),
    ] = "av",
    system: Annotated[
        str | None,
        typer.Option(help="System message, in place of the prompt's.", rich_help_panel=ASKED),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            help="What {language} stands for; by default each clip's own.", rich_help_panel=ASKED
        ),
    ] = None,
    label: Annotated[
        list[str],
        typer.Option(
            help="One of what {labels} names, in place of the corpus' label set; repeat it. A "
            "prompt that has a list of its own takes none.",
            rich_help_panel=ASKED,
        ),
    ] = [],  # noqa: B006 - typer reads the default, nothing changes it
    frames: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Frames of a film, evenly spread over the clip; by default 8, or as many as "
            "AffectGPT was made for.",
            rich_help_panel=ASKED,
        ),
    ] = None,
    max_side: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Longest side of a frame in pixels, by default 448; larger ones are made smaller.",
            rich_help_panel=ASKED,
        ),
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(min=1, help="Clips that are asked together.", rich_help_panel=MODEL),
    ] = None,
    max_new_tokens: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Longest answer in tokens; one that is cut there is marked, and counted.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    sound: Annotated[
        str | None,
        typer.Option(
            help="Where a chat model of transformers hears the sound of a film: slot (of its "
            "own) or in_video (interleaved).",
            rich_help_panel=MODEL,
        ),
    ] = None,
    setting: Annotated[
        list[str],
        typer.Option(
            "--with",
            metavar="NAME=VALUE",
            help="Another setting of the model's backend, as dtype=bfloat16 or concurrency=8; "
            "repeatable.",
            rich_help_panel=MODEL,
        ),
    ] = [],  # noqa: B006
    probe: Annotated[
        bool,
        typer.Option(
            "--probe",
            help="First see that an endpoint hears and sees what it is sent; refuse it if not.",
            rich_help_panel=MODEL,
        ),
    ] = False,
    split: Annotated[
        str, typer.Option(help="Split of the corpus.", rich_help_panel=CORPUS)
    ] = "test",
    protocol: Annotated[
        str | None,
        typer.Option(
            help="Protocol of the corpus; by default its first, the released split mostly.",
            rich_help_panel=CORPUS,
        ),
    ] = None,
    config: Annotated[
        str | None, typer.Option(help="Config of the corpus.", rich_help_panel=CORPUS)
    ] = None,
    root: Roots = [],  # noqa: B006
    options: Options = [],  # noqa: B006
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="Ask about so many clips, the first.", rich_help_panel=CORPUS),
    ] = None,
    retry: Annotated[
        bool, typer.Option("--retry", help="Ask again about clips that have an error.")
    ] = False,
    shard: Annotated[
        str | None,
        typer.Option(
            metavar="K/N",
            help="Ask about the K-th of N parts alone, on a machine that knows no other.",
            rich_help_panel=SEVERAL,
        ),
    ] = None,
    merge: Annotated[
        bool,
        typer.Option(
            "--merge",
            help="Make --out of what the shards left beside it; no model is needed.",
            rich_help_panel=SEVERAL,
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Ask a model about the clips of a corpus, and keep its answers in a journal.

    affecthub ask demo --data-dir D --model M --prompt one_of --out answers.jsonl

    affecthub ask demo --data-dir D --model http://localhost:8000/v1#M --prompt emos_basic7 ...

    Each batch of answers is on the disk before the next is asked for. What cannot be asked has a
    line with its error; what a clip or the model has not is left out, and the line tells.
    """
    require_corpus(corpus, data_dir, protocol)
    require_writable(out, "--out")
    if shard and merge:
        raise ValueError("got `--shard` and `--merge`, expected one: merge when all shards are in.")
    part = Share.parse(shard) if shard else None
    clips: dict[str, Any] = {
        "corpus": corpus,
        "data_dir": data_dir,
        "split": split,
        "protocol": protocol,
        "config": config,
        "roots": named_folders(root),
        "options": own_options(options),
    }
    require_extras("data", purpose="read a corpus")
    if merge:
        given = {"--model": model, "--prompt": prompt, "--retry": retry, "--probe": probe}
        _refuse_with_merge(given)
        from affecthub.training.asking.corpus import merge_shards

        _show(merge_shards(out, _rows(clips), limit), out, as_json)
        return
    from affecthub.training.asking.clips import read_letters
    from affecthub.training.asking.media import Shown
    from affecthub.training.asking.prompts.registry import load_prompt

    if model is None or prompt is None:
        lacking = "--model" if model is None else "--prompt"
        raise ValueError(f"Missing option '{lacking}': expected whom to ask, and what.")
    if "video" not in read_letters(media) and (frames or max_side):
        option = "--frames" if frames else "--max-side"
        raise ValueError(f"`{option}` has no effect on --media {media}: it has no v. Leave it out.")
    asked = load_prompt(prompt)
    named = {"batch_size": batch_size, "max_new_tokens": max_new_tokens, "sound": sound}
    settings = _settings(setting, named)
    rows = _rows(clips)  # before a model is loaded: what is mistyped is told at once
    backend = _backend(model, settings)
    try:
        if probe:
            _probe(backend, media, as_json)
        asking: dict[str, Any] = {
            "media": media,
            "journal": out,
            "shard": part,
            "batch_size": batch_size,
            "retry": retry,
            "language": language,
            "labels": label or None,
            "system": system,
            "shown": Shown(frames or 8, max_side or 448) if frames or max_side else None,
            "progress": not as_json,
        }
        from affecthub.training.asking.ask import ask_rows

        answers = ask_rows(backend, rows, asked, limit=limit, **asking)
    finally:
        backend.close()
    _show(answers, f"{out}, shard {shard}" if shard else out, as_json)
    if answers and len(answers.errors) == len(answers):
        raise ValueError(
            f"none of the {len(answers)} clips could be asked, the first because: "
            f"{next(iter(answers.errors.values()))} The journal has a line for each; mend it, and "
            "ask again with --retry."
        )


def _settings(pairs: list[str], named: dict[str, Any]) -> dict[str, Any]:
    """Read ``NAME=VALUE`` settings of a backend, values as YAML, beside those with an option."""
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.isidentifier():
            raise ValueError(f"`--with`: got {pair!r}, expected NAME=VALUE, as in dtype=bfloat16")
        if name in found or named.get(name) is not None:
            raise ValueError(f"`--with`: got {pair!r} beside another {name}, expected one of them.")
        found[name] = yaml_value("--with", pair, value)
    return named | found


def _rows(clips: dict[str, Any]) -> Any:
    """The clips' rows; bars of other libraries are kept quiet."""
    import datasets

    from affecthub.training.asking.corpus import split_rows

    datasets.disable_progress_bars()
    return split_rows(**clips)


def _backend(model: str, settings: dict[str, Any]) -> "Backend":
    """Whom to ask; libraries that would show bars of their own are kept quiet."""
    from affecthub.training.asking.backends.choosing import backend_of, is_local, kind_of

    if is_local(kind_of(model)[0]):
        require_extras("model", purpose="ask a model on this machine")
        from affecthub.training.progress import only_our_bars

        only_our_bars()
    return backend_of(model, **settings)


def _probe(backend: "Backend", media: str, as_json: bool) -> None:
    """See that what is to be sent is heard and seen.

    Raises:
        ValueError: It is not, or there is nothing that could be probed.
    """
    from affecthub.training.asking.clips import read_letters

    kinds = read_letters(media) & backend.takes
    if not kinds:
        raise ValueError(
            "`--probe` asks what only sound or pictures say: got a model that takes "
            f"{' and '.join(sorted(backend.takes)) or 'words alone'}, asked about {media}, "
            "expected one of them in common. Leave it out."
        )
    told = "no probe is needed: the model gets its media as arrays"
    if hasattr(backend, "probe"):
        told = str(backend.probe(kinds))
    if not as_json:
        console.print(told, soft_wrap=True)


def _refuse_with_merge(options: dict[str, Any]) -> None:
    for name, value in options.items():
        if value:
            raise ValueError(f"`{name}` has no effect on --merge: got it, expected none.")


def _show(answers: "Answers", where: str | Path, as_json: bool) -> None:
    """Print what is to be known of the answers."""
    if as_json:
        print_json({"journal": where, **answers.summary(), "errors": answers.errors})
    else:
        console.print(f"{where}: {answers.closing_line()}", soft_wrap=True)
