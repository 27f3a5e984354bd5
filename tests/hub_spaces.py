"""Spaces' settings, collections and leaderboards of the tests' Hub."""

import json
import re
from typing import Any

import yaml
from hub_asked import Answer, Asked
from hub_store import NOW, Refusal, Repository


def variables(asked: Asked, repo_id: str) -> Answer:
    found = asked.write("spaces", repo_id)
    if given := asked.json():
        found.variables[given["key"]] = given.get("value", "")
    told = {name: {"key": name, "value": value} for name, value in found.variables.items()}
    return Answer(told)


def secrets(asked: Asked, repo_id: str) -> Answer:
    asked.write("spaces", repo_id)
    return Answer({})


def runtime(asked: Asked, repo_id: str) -> Answer:
    hardware = asked.read("spaces", repo_id).hardware
    told = {"current": hardware, "requested": hardware}
    return Answer({"stage": "RUNNING", "hardware": told, "gcTimeout": None, "raw": {}})


def hardware(asked: Asked, repo_id: str) -> Answer:
    asked.write("spaces", repo_id).hardware = asked.json()["flavor"]
    return runtime(asked, repo_id)


def collection(asked: Asked) -> Answer:
    given = asked.json()
    slug = f"{given['namespace']}/{re.sub('[^a-z0-9]+', '-', given['title'].lower())}-0123456789"
    made = {"slug": slug, "title": given["title"], "owner": {"name": given["namespace"]}}
    made |= {"items": [], "lastUpdated": NOW, "position": 0, "private": given.get("private", False)}
    made |= {"theme": "blue", "upvotes": 0, "description": given.get("description")}
    asked.hub.store.collections[slug] = made
    return Answer(made)


def get_collection(asked: Asked, slug: str) -> Answer:
    if slug not in asked.hub.store.collections:
        raise Refusal(404, "EntryNotFound", f"Collection {slug} not found")
    return Answer(asked.hub.store.collections[slug])


def add_item(asked: Asked, slug: str) -> Answer:
    made = get_collection(asked, slug).body
    item = asked.json()["item"]
    made["items"].append({"_id": str(len(made["items"])), "position": 0, **item})
    return Answer(made)


def results_of(asked: Asked, model: Repository) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for path, file in model.files().items():
        if re.fullmatch(r"\.eval_results/[^/]+\.yaml", path):
            rows = yaml.safe_load(asked.hub.store.content(file)) or []
            found += [(path, json.loads(json.dumps(row, default=str))) for row in rows]
    return found


def leaderboard(asked: Asked, repo_id: str) -> Answer:
    """Models by their result on the benchmark's first task."""
    bench = asked.read("datasets", repo_id).files()
    if "eval.yaml" not in bench:
        raise Refusal(404, "EntryNotFound", f"{repo_id} is no benchmark")
    first = yaml.safe_load(asked.hub.store.content(bench["eval.yaml"]))["tasks"][0]["id"]
    rows = []
    for model in asked.hub.store.repositories.values():
        for path, row in results_of(asked, model) if model.kind == "model" else ():
            if row["dataset"]["id"] == repo_id and row["dataset"]["task_id"] == first:
                rows.append((row["value"], model, path, row))
    rows.sort(key=lambda each: -each[0])
    told = []
    for rank, (value, model, path, row) in enumerate(rows, 1):
        author = {"type": "user", "name": model.namespace, "fullname": "", "avatarUrl": ""}
        entry = {"rank": rank, "modelId": model.id, "value": value, "filename": path}
        entry |= {"verified": False, "source": row.get("source"), "author": author}
        told.append(entry | {"notes": row.get("notes")})
    return Answer(told)
