"""What the Hub refuses in the head of a card, as far as its pages say."""

import re

import yaml

COLOURS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")
SDKS = ("gradio", "docker", "static")


def mistakes(text: str, kind: str | None) -> list[str]:
    """One sentence for each."""
    found = re.match(r"---\r?\n(.*?)\r?\n---", text, re.DOTALL)
    if found is None:
        return []
    try:
        head = yaml.safe_load(found[1])
    except yaml.YAMLError as error:
        return [f"YAML: {str(error).splitlines()[0]}"]
    if head is None:
        return []
    if not isinstance(head, dict):
        return ["The metadata must be a mapping."]
    wrong = []
    licence = head.get("license")
    if licence is not None and not isinstance(licence, str | list):
        wrong.append('"license" must be a string.')
    if licence == "other" and not head.get("license_name"):
        wrong.append('"license_name" is required where "license" is "other".')
    if kind == "space":
        for name in ("colorFrom", "colorTo"):
            if head.get(name) not in (None, *COLOURS):
                wrong.append(f'"{name}" must be one of [{", ".join(COLOURS)}].')
        if head.get("sdk") not in SDKS:
            wrong.append(f'"sdk" must be one of [{", ".join(SDKS)}].')
        if len(str(head.get("short_description") or "")) > 60:
            wrong.append('"short_description" length must be less than or equal to 60 characters.')
    for name in ("tags", "datasets", "metrics"):
        if head.get(name) is not None and not isinstance(head[name], list):
            wrong.append(f'"{name}" must be an array.')
    if kind == "model" and isinstance(head.get("model-index"), list):
        for entry in head["model-index"]:
            if not (isinstance(entry, dict) and entry.get("name") and "results" in entry):
                wrong.append('"model-index[0]" needs "name" and "results".')
    return wrong
