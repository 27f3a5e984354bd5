"""Journals scored and compared, from files to a report."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from affecthub.training.asking.scoring.clips import open_splits
from affecthub.training.asking.scoring.journals import read_journal
from affecthub.training.asking.scoring.pairing import adjust, compare
from affecthub.training.asking.scoring.report import JournalReport
from affecthub.training.asking.scoring.scored import Scoring, score_journal


def score_journals(
    journals: Sequence[str | Path],
    corpus: str,
    data_dir: str | Path,
    scoring: Scoring | None = None,
    *,
    config: str | None = None,
    protocol: str | None = None,
    roots: Mapping[str, str | Path] | None = None,
    options: Mapping[str, Any] | None = None,
    compared: bool = True,
) -> JournalReport:
    """Score journals on a split of a corpus; the first is compared with each of the others.

    Args:
        journals: Files of `affecthub ask` or `affecthub predict`.
        corpus: Name of the corpus that they are about.
        data_dir: Its folder; annotations are enough.
        scoring: How; None takes the defaults.
        config: Configuration of the corpus; None takes its default.
        protocol: None takes the corpus' first.
        roots: Its other folders by name, as they were asked about.
        options: Options of the corpus' own, the same.
        compared: False scores each by itself, whatever it was asked.

    Raises:
        FileNotFoundError: A journal or the folder is not there.
        ValueError: A journal is given twice, is empty, broken, or about other clips; or two have
            nothing to compare. See `read_journal`, `score_journal` and `compare`.
    """
    paths = [Path(path) for path in journals]
    if not paths:
        raise ValueError("no journal: got none, expected one or more.")
    twice = {
        path for path in paths if sum(path.absolute() == each.absolute() for each in paths) > 1
    }
    if twice:
        raise ValueError(
            f"`--journal` names a file twice: got {', '.join(map(str, sorted(twice)))}, expected "
            "different ones."
        )
    read = [read_journal(path) for path in paths]
    splits = open_splits(corpus, data_dir, config, protocol, roots, options)
    scored = [score_journal(journal, splits, scoring or Scoring()) for journal in read]
    names = journal_names(paths)
    comparisons = [
        compare(scored[0], other, (names[0], name))
        for other, name in zip(scored[1:], names[1:], strict=True)
        if compared
    ]
    adjust(comparisons)
    return JournalReport([each.result for each in scored], comparisons, names)


def journal_names(paths: Sequence[Path]) -> list[str]:
    """What tables call journals: their files' names, with folders where these are the same.

    Example:
        >>> journal_names([Path("a/meld.jsonl"), Path("b/meld.jsonl")])
        ['a/meld', 'b/meld']
        >>> journal_names([Path("a/one.jsonl"), Path("b/two.jsonl")])
        ['one', 'two']
    """
    parts = [path.absolute().with_suffix("").parts for path in paths]
    for depth in range(1, max(map(len, parts), default=1) + 1):
        names = ["/".join(part[-depth:]) for part in parts]
        if len(set(names)) == len(names):
            return names
    return [str(path) for path in paths]
