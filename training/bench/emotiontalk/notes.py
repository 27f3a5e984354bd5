"""What a reader of the tables must know."""

from collections.abc import Mapping
from typing import Any

from affecthub.training.bench.emotiontalk.constants import target_of
from affecthub.training.bench.emotiontalk.paper import fits_one_run, paper_tables
from affecthub.training.bench.emotiontalk.trained import substitutes

_CONTRADICTIONS = {
    3: "The paper's text speaks of Wav2vec 2.0-Base at 59.98 on the seven labels of sound, and of "
    "a gain by the Large model; its Table 3 prints 65.62 and 63.52, a loss.",
    4: "The paper's learning rates differ between its Tables 9 and 10 and its code, and the code "
    "of Table 4 names Hubert-Base where the table says Hubert-Large.",
    12: "Nearly all clips are negative: a constant answer has the column of the sign within 0.1 to "
    "1.2 points. Read macro F1 and CCC beside it.",
    14: "In dialogues of two people DEP and EAMT, as far as their form is public, are one network. "
    "Utterances of other labels stay in the history here; the constant answer is of dialogues "
    "without them.",
}


def notes_on(result: Mapping[str, Any]) -> list[str]:
    """Sentences on the splits, on single runs, on constants, on what stood in for what.

    Args:
        result: Of `run_benchmark`, its tables filled.
    """
    corpus, official = result["corpus"], result["protocol"] == "official"
    notes = []
    if corpus["shared_speakers"]:
        shared = corpus["recordings"]["test"].get("G3", 0)
        notes.append(
            f"Validation and test share the speakers {' and '.join(corpus['shared_speakers'])}: "
            f"{shared:,} of {corpus['clips']['test']:,} test clips, all of G3, are by people whom "
            "the best epoch and the best draw were chosen on. G3 and G15 stand apart below; "
            "--protocol speaker_independent tests on G15 alone."
        )
    if not official:
        notes.append(
            "The paper's figures are of the official test split, G3 and G15; here G3 is validated "
            "on and G15 alone is tested, so that they do not compare."
        )
    notes.append(
        "Per cent, higher is better; ours are means over runs with the sample standard deviation. "
        "A star marks figures of the paper that one and the same answer to every clip reaches: "
        f"{len(result['reached'])} in all its tables."
    )
    notes.append(_runs(result["official_constants"]))
    stood_in = substitutes(result["tables"].get("4", {}).get("rows", ()))
    for inputs in stood_in:
        notes.append(
            f"Table 4 was run on {inputs}, which are not the paper's encoders: its figures do not "
            "compare with the paper's."
        )
    plan = result["plan"]
    if {*result["tables"]} & {"3", "4", "12"}:
        epochs = "" if plan["epochs"] is None else f"; epochs: {plan['epochs']}"
        notes.append(
            f"Draws from the published space for each cell: {plan['draws']}; seeds of the best by "
            f"validation WAF: {len(plan['seeds'])}{epochs}; {plan['fidelity']} models."
        )
    notes += [note for number, note in _CONTRADICTIONS.items() if str(number) in result["tables"]]
    return notes


def _runs(floors: Mapping[str, Any]) -> str:
    """Which printed accuracies can be a number of right clips over all clips."""
    counts = one_run_counts(floors)
    said = ", ".join(f"{fit} of {n} in Table {table}" for table, (fit, n) in counts.items())
    return (
        "The paper prints no deviations, and mixes single runs and averages: the accuracy of one "
        f"run is a number of right clips over all clips, which {said} can be."
    )


def one_run_counts(floors: Mapping[str, Any]) -> dict[int, tuple[int, int]]:
    """How many printed accuracies of each table can be those of one run.

    Args:
        floors: What `constants` gave, of the official test split: the clips of each target.

    Returns:
        Table to how many fit, and of how many.
    """
    counts: dict[int, tuple[int, int]] = {}
    for table in paper_tables().values():
        for row in table.rows:
            for column, cell in row.cells.items():
                floor = floors.get(target_of(table.number, row.group, column) or "")
                if floor is None or "acc" not in cell:
                    continue
                fit, n = counts.get(table.number, (0, 0))
                counts[table.number] = (fit + fits_one_run(cell["acc"], floor["n"]), n + 1)
    return counts
