"""``affecthub predict``: a question about clips, or about a split of a corpus."""

from pathlib import Path
from typing import Annotated

import typer

from affecthub.cli.checks import require_corpus, require_file, require_question
from affecthub.cli.printing import AsJson, console, print_json, print_table
from affecthub.errors import require_extras
from affecthub.training.model_folder import require_model_folder


def predict(
    model: Annotated[str, typer.Option(help="Folder or Hub id of a saved AffectGPT.")],
    clips: Annotated[
        list[Path] | None, typer.Argument(help="Video or audio files; or name a corpus instead.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="Transcript of the one clip.")] = None,
    question: Annotated[
        str | None, typer.Option(help="Named question, or one in words; by default as trained.")
    ] = None,
    option: Annotated[
        list[str] | None, typer.Option(help="One of the answers of `one_of`; repeat it.")
    ] = None,
    corpus: Annotated[str | None, typer.Option(help="Corpus to answer instead of files.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="The corpus' folder.")] = None,
    split: Annotated[str, typer.Option(help="Split of the corpus.")] = "test",
    protocol: Annotated[str, typer.Option(help="Protocol of the corpus.")] = "speaker_independent",
    output: Annotated[
        Path | None, typer.Option(help="jsonl of answers; a run that was stopped goes on.")
    ] = None,
    max_new_tokens: Annotated[int, typer.Option(min=1, help="Longest answer in tokens.")] = 64,
    as_json: AsJson = False,
) -> None:
    """Answer a question about clips, or about a split of a corpus."""
    if bool(clips) == (corpus is not None):
        raise ValueError("nothing to answer: give clips, or --corpus with --data-dir, not both.")
    if corpus is not None and data_dir is None:
        raise ValueError("`--corpus` is given without `--data-dir`: expected the folder.")
    if text is not None and (corpus is not None or len(clips or ()) != 1):
        raise ValueError(
            f"`--text` is the transcript of one clip: got {len(clips or ())} clips. Ask them one "
            "by one, or a corpus, which brings its transcripts."
        )
    for clip in clips or ():
        require_file(clip, "clip")
    if corpus is not None and data_dir is not None:
        require_corpus(corpus, data_dir, protocol)
    require_model_folder(model)
    require_question(model, question, option or ())
    require_extras("data", "model", purpose="answer about clips")
    from affecthub.training.predict import predict_corpus, predict_files
    from affecthub.training.progress import only_our_bars

    only_our_bars()
    if corpus is not None:
        assert data_dir is not None, "checked above"
        answers = predict_corpus(
            model,
            corpus,
            data_dir,
            split=split,
            protocol=protocol,
            question=question,
            options=option or (),
            max_new_tokens=max_new_tokens,
            output_file=output,
            progress=not as_json,
        )
    else:
        answers = predict_files(
            model,
            clips or [],
            text=text,
            question=question,
            options=option or (),
            max_new_tokens=max_new_tokens,
        )
    if as_json:
        print_json([{"id": clip, "prediction": answer} for clip, answer in answers.items()])
    elif len(answers) == 1 and corpus is None:
        print(*(" ".join(answer.split()) for answer in answers.values()))
    elif output is not None:
        empty = sum(not answer for answer in answers.values())
        without = f", {empty} of them empty" if empty else ""
        console.print(f"{len(answers)} answers{without} in {output}", soft_wrap=True)
    else:
        print_table(["id", "prediction"], answers.items())
