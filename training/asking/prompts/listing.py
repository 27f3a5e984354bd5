"""The table of the installed prompts, as the README beside this file has it."""

from affecthub.training.asking.prompts.registry import MEDIA, load_prompt, prompt_names


def prompt_table() -> str:
    """A line for each installed prompt, in Markdown.

    Example:
        >>> prompt_table().splitlines()[0]
        '| prompt | worded for | to fill | form | what for | source |'
    """
    lines = [
        "| prompt | worded for | to fill | form | what for | source |",
        "|---|---|---|---|---|---|",
    ]
    for name in prompt_names():
        prompt = load_prompt(name)
        media = ", ".join(medium for medium in MEDIA if medium in prompt.media)
        places = ", ".join(sorted(prompt.placeholders))
        cells = (f"`{prompt.name}`", media, places, prompt.form, prompt.purpose, prompt.source)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
