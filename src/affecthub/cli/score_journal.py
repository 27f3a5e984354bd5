"""``affecthub score --journal``: journals of `affecthub ask` against a split of a corpus."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from affecthub.cli.checks import require_file, require_folder
from affecthub.cli.printing import console, print_json, print_sections
from affecthub.entries import entry_of
from affecthub.errors import require_extras


@dataclass(frozen=True)
class Wanted:
    """What was typed of a corpus and of how to read answers.

    Attributes:
        metric: The one that is wanted; None for all that fit.
        corpus: Name of the corpus.
        data_dir: Its folder.
        config: Its configuration.
        protocol: Of its splits.
        split: One of them.
        roots: Its other folders by name.
        own: Options of the corpus' own.
        column: Of the references.
        prompt: Names or files of prompts.
        form: Form of the answers.
        aliases: Whether words that mean a label are taken for it.
        asked_only: Whether clips without a line are left out.
        lexicon: Folder or name of a lexicon.
        endpoint: Server that takes labels out of descriptions.
        model: Model there.
        resamples: Bootstrap resamples.
        seed: Of them.
        out: File of the report.
    """

    metric: str | None
    corpus: str | None
    data_dir: Path | None
    config: str | None
    protocol: str | None
    split: str | None
    roots: dict[str, str]
    own: dict[str, Any]
    column: str | None
    prompt: Sequence[str]
    form: str | None
    aliases: bool
    asked_only: bool
    lexicon: str | None
    endpoint: str | None
    model: str | None
    resamples: int
    seed: int
    out: Path | None


def score_journals_of(
    journals: Sequence[Path], wanted: Wanted, options: dict[str, Any], as_json: bool
) -> None:
    """Score journals, print the tables, and write the report where one is asked for.

    Raises:
        FileNotFoundError: A journal or the folder is not there.
        ValueError: An option is missing or does not fit; and as `score_journals`.
    """
    if wanted.corpus is None or wanted.data_dir is None:
        raise ValueError(
            "`--journal` needs --corpus and --data-dir: got "
            f"{wanted.corpus or 'no corpus'} and {wanted.data_dir or 'no folder'}, expected both."
        )
    entry_of(wanted.corpus).choose(wanted.config, wanted.protocol)
    require_folder(wanted.data_dir, "`--data-dir`")
    for prompt in wanted.prompt:
        if prompt.endswith((".yaml", ".yml")):
            require_file(Path(prompt), "prompt file")
    require_extras("data", "metrics", purpose="score journals")
    import datasets

    from affecthub.training.asking.scoring.report import require_suffix
    from affecthub.training.asking.scoring.run import score_journals
    from affecthub.training.asking.scoring.scored import Scoring
    from affecthub.training.bench.benchmark import Scoring as Tools

    if wanted.out is not None:
        require_suffix(wanted.out)
    tools = Tools(
        lexicon=wanted.lexicon,
        endpoint=wanted.endpoint,
        model=wanted.model,
        seed=wanted.seed,
        n_resamples=wanted.resamples,
    )
    tools.extractor()  # half an address is told before anything is read
    datasets.disable_progress_bars()
    report = score_journals(
        journals,
        wanted.corpus,
        wanted.data_dir,
        Scoring(
            split=wanted.split,
            prompt=wanted.prompt,
            form=wanted.form,
            metric=wanted.metric,
            column=wanted.column,
            aliases=wanted.aliases,
            asked_only=wanted.asked_only,
            tools=tools,
            options=options,
        ),
        config=wanted.config,
        protocol=wanted.protocol,
        roots=wanted.roots,
        options=wanted.own,
    )
    written = None if wanted.out is None else report.write(wanted.out)
    if as_json:
        print_json(report.value | ({"file": str(written)} if written else {}))
        return
    console.print(report.heading(), soft_wrap=True)
    print_sections(report.on_screen())
    for note in report.notes():
        console.print(f"- {note}", soft_wrap=True)
    if written:
        console.print(f"Report: {written}", soft_wrap=True)
