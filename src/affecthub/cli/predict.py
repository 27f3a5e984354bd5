"""``affecthub predict``: a question about clips, or about a split of a corpus."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from affecthub.cli.checks import (
    require_corpus,
    require_file,
    require_folder,
    require_question,
    require_writable,
)
from affecthub.cli.printing import AsJson, console, print_json, print_table
from affecthub.entries import entries
from affecthub.errors import require_extras
from affecthub.training.model_folder import require_model_folder
from affecthub.training.shares import Share

if TYPE_CHECKING:
    from affecthub.training.prediction.answers import Answers

# How its options are grouped in the help.
ASKED = "What is asked"
CORPUS = "A corpus"
SEVERAL = "Several processes"


def predict(
    clips: Annotated[
        list[Path] | None,
        typer.Argument(metavar="CORPUS | FILES", help="A corpus, or video and audio files."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Folder or Hub id of a saved AffectGPT.")
    ] = None,
    text: Annotated[
        str | None, typer.Option(help="Transcript of the one file.", rich_help_panel=ASKED)
    ] = None,
    question: Annotated[
        str | None,
        typer.Option(
            help="Named question, or one in words; by default as trained.", rich_help_panel=ASKED
        ),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(help="One of the answers of `one_of`; repeat it.", rich_help_panel=ASKED),
    ] = None,
    max_new_tokens: Annotated[
        int,
        typer.Option(
            min=1,
            help="Longest answer in tokens; one that is cut there is marked, and counted.",
            rich_help_panel=ASKED,
        ),
    ] = 64,
    corpus: Annotated[
        str | None,
        typer.Option(help="The corpus, where a file has its name.", rich_help_panel=CORPUS),
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="The corpus' folder.", rich_help_panel=CORPUS)
    ] = None,
    split: Annotated[
        str, typer.Option(help="Split of the corpus.", rich_help_panel=CORPUS)
    ] = "test",
    protocol: Annotated[
        str, typer.Option(help="Protocol of the corpus.", rich_help_panel=CORPUS)
    ] = "speaker_independent",
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="Answer so many clips, the first ones.", rich_help_panel=CORPUS),
    ] = None,
    features: Annotated[
        Path | None,
        typer.Option(
            help="What `affecthub features` made of the corpus, in place of its media.",
            rich_help_panel=CORPUS,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            help="jsonl of answers, in the corpus' order; a run that was stopped goes on.",
            rich_help_panel=CORPUS,
        ),
    ] = None,
    retry: Annotated[
        bool,
        typer.Option(
            "--retry",
            help="Ask again about clips that could not be asked.",
            rich_help_panel=CORPUS,
        ),
    ] = False,
    batch_size: Annotated[
        int | None,
        typer.Option(min=1, help="Clips that are asked together; by default as trained."),
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option(
            metavar="K/N",
            help="Answer the K-th of N parts alone, on a machine that knows no other.",
            rich_help_panel=SEVERAL,
        ),
    ] = None,
    merge: Annotated[
        bool,
        typer.Option(
            "--merge",
            help="Make --output of what the shards left beside it; no model is needed.",
            rich_help_panel=SEVERAL,
        ),
    ] = False,
    stream: Annotated[
        bool, typer.Option("--stream", help="Print the answer to one file word by word.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Answer a question about clips, or about a split of a corpus.

    affecthub predict clip.mp4 --model M

    affecthub predict demo --model M --data-dir D --output answers.jsonl

    python -m torch.distributed.run --nproc_per_node 4 -m affecthub predict demo --model M ...

    Answers are noted batch by batch beside --output, which is written when all are there.

    A clip that cannot be asked has a line with its error.
    """
    files, corpus = _files_or_corpus(clips or [], corpus, data_dir)
    if text is not None and len(files) != 1:
        raise ValueError(
            f"`--text` is the transcript of one clip: got {len(files)} clips. Ask them one "
            "by one, or a corpus, which brings its transcripts."
        )
    if corpus is None:
        of_a_corpus: dict[str, Any] = {"--limit": limit, "--features": features, "--output": output}
        of_a_corpus |= {"--retry": retry, "--shard": shard, "--merge": merge}
        _refuse(of_a_corpus, "files", "a corpus and --data-dir")
        if stream and (as_json or len(files) != 1):
            got = "--json" if as_json else f"{len(files)} clips"
            raise ValueError(f"`--stream` prints one answer as it comes: got {got}, expected one.")
        for clip in files:
            require_file(clip, "clip")
    else:
        _refuse({"--stream": stream}, "a corpus", "one file")
        assert data_dir is not None, "looked at above"
        _require_corpus_asked(corpus, data_dir, protocol, output, features, shard, merge)
    asking = _asking(model, question, option, max_new_tokens, batch_size, merge)
    require_extras("data", "model", purpose="answer about clips")
    if corpus is None:
        _answer_files(files, {**asking, "text": text, "stream": stream}, as_json)
        return
    rows: dict[str, Any] = {
        "corpus": corpus,
        "data_dir": data_dir,
        "split": split,
        "protocol": protocol,
        "limit": limit,
    }
    if merge:
        _refuse({"--retry": retry}, "--merge", "a model to ask")
        _merge(output, rows, as_json)
    else:
        asking |= {"output_file": output, "retry": retry, "features": features}
        _answer_corpus({**asking, **rows}, shard, as_json)


def _files_or_corpus(
    given: list[Path], corpus: str | None, data_dir: Path | None
) -> tuple[list[Path], str | None]:
    """Tell whether files were named or a corpus, which needs no option where no file is called so.

    Raises:
        ValueError: Neither, both, or a corpus without its folder.
    """
    if corpus is None and len(given) == 1 and not given[0].is_file():
        name = str(given[0])
        if data_dir is not None or name in entries():
            given, corpus = [], name
    if bool(given) == (corpus is not None):
        raise ValueError(
            "nothing to answer: give clips, or --corpus with --data-dir, not both."
            if not given
            else "too much to answer: give clips, or --corpus with --data-dir, not both."
        )
    if corpus is not None and data_dir is None:
        raise ValueError(f"corpus {corpus!r} is given without `--data-dir`: expected the folder.")
    if corpus is None and data_dir is not None:
        raise ValueError(
            f"`--data-dir` is a corpus' folder: got it with the file {given[0]}, expected a "
            "corpus. Name it by --corpus, or leave the folder out."
        )
    return given, corpus


def _refuse(options: dict[str, Any], what: str, expected: str) -> None:
    """Refuse options that have no effect on what is asked."""
    for name, value in options.items():
        if value not in (None, False):
            raise ValueError(f"`{name}` has no effect on {what}: got it, expected {expected}.")


def _require_corpus_asked(
    corpus: str,
    data_dir: Path,
    protocol: str,
    output: Path | None,
    features: Path | None,
    shard: str | None,
    merge: bool,
) -> None:
    """Refuse what is not there before anything is loaded."""
    require_corpus(corpus, data_dir, protocol)
    if output is not None:
        require_writable(output)
    elif shard or merge:
        raise ValueError("`--output` is missing: expected the file that the shards are parts of.")
    if shard:
        Share.parse(shard)
    if shard and merge:
        raise ValueError("got `--shard` and `--merge`, expected one: merge when all shards are in.")
    if features is not None:
        require_folder(features, "`--features`")


def _asking(
    model: str | None,
    question: str | None,
    option: list[str] | None,
    max_new_tokens: int,
    batch_size: int | None,
    merge: bool,
) -> dict[str, Any]:
    """Whom to ask what and how; nobody, where answers are merged."""
    if merge:
        return {}
    if model is None:
        raise ValueError("Missing option '--model': expected folder or Hub id of an AffectGPT.")
    require_model_folder(model)
    require_question(model, question, option or ())
    asking = {"model_id": model, "question": question, "options": option or ()}
    return {**asking, "max_new_tokens": max_new_tokens, "batch_size": batch_size}


def _answer_files(files: list[Path], asking: dict[str, Any], as_json: bool) -> None:
    from affecthub.training.predict import predict_files
    from affecthub.training.progress import only_our_bars

    only_our_bars()
    answers = predict_files(clips=files, **asking)
    if asking["stream"]:
        if answers.cut:
            warnings.warn("the answer is cut at --max-new-tokens.", stacklevel=1)
    elif len(answers) == 1 and not as_json:
        print(*(" ".join(answer.split()) for answer in answers.values()))
    else:
        _show(answers, None, as_json)


def _answer_corpus(asking: dict[str, Any], shard: str | None, as_json: bool) -> None:
    from affecthub.training.predict import predict_corpus
    from affecthub.training.processes import start_processes, this_process
    from affecthub.training.progress import only_our_bars

    only_our_bars()
    start_processes()
    is_first = not this_process().index
    answers = predict_corpus(
        **asking, shard=Share.parse(shard) if shard else None, progress=is_first and not as_json
    )
    if is_first:
        output = asking["output_file"]
        where = f"{output}, shard {shard}" if shard else output
        _show(answers, where, as_json)


def _merge(output: Path | None, rows: dict[str, Any], as_json: bool) -> None:
    from affecthub.training.predict import merge_answers
    from affecthub.training.progress import only_our_bars

    assert output is not None, "looked at before"
    only_our_bars()
    _show(merge_answers(output, **rows), output, as_json)


def _show(answers: "Answers", where: str | Path | None, as_json: bool) -> None:
    """Print answers, or where they are, and what is to be known of them."""
    if as_json:
        print_json(
            [
                {"id": clip, "prediction": answer}
                | ({"cut": True} if clip in answers.cut else {})
                | ({"error": answers.errors[clip]} if clip in answers.errors else {})
                for clip, answer in answers.items()
            ]
        )
        return
    if where is None:
        print_table(["id", "prediction"], answers.items())
        console.print(answers.closing_line(), soft_wrap=True)
    else:
        console.print(f"{where}: {answers.closing_line()}", soft_wrap=True)
