"""Write the prompts of the lmms-eval tasks from the registry, or check that they are current.

    python .ci/task_prompts.py [--check]

The tasks run where only the extra ``metrics`` is installed, so that they carry their prompts.
"""

import sys

from pages.repository import ROOT

from affecthub.hub_cards.lmms_eval.writing import readable
from affecthub.training.asking.prompts.registry import load_prompt

FOLDER = ROOT / "hub_cards" / "lmms_eval" / "prompts"
NAMES = ("unibench_description", "emos_basic7")


def written(name: str) -> str:
    """The file of a prompt."""
    prompt = load_prompt(name)
    values = {
        "key": prompt.key,
        "question": prompt.text,
        "system": prompt.system,
        "labels": list(prompt.labels),
    }
    head = f"# From training/asking/prompts/{name}.yaml: make copies\n"
    return head + readable(values)


def main(check: bool) -> None:
    """Write the files that differ, or exit 1 where one does."""
    stale = False
    for name in NAMES:
        path, text = FOLDER / f"{name}.yaml", written(name)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale = True
            print(f"{path.relative_to(ROOT)}: {'not current' if check else 'written'}")
            if not check:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="\n")
    if check and stale:
        sys.exit("write the tasks' prompts anew with: make copies")


if __name__ == "__main__":
    main("--check" in sys.argv[1:])
