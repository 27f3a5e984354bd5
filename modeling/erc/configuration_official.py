"""The configuration of a released model, read off its weights and its settings."""

from collections.abc import Mapping
from math import isqrt
from typing import Any

# Settings that weights do not show: released name to ours.
SETTINGS = {
    "hops": "hops",
    "timesteps": "context",
    "att2": "emotion_attention",
    "nodal_attention": "nodal_attention",
}
WINDOWS = {"window_past": "past", "window_future": "future"}


def released_weights(weights: Mapping[str, Any]) -> dict[str, Any]:
    """Weights by their released names, whatever stands around them.

    Args:
        weights: By name. Where some names begin with ``w/``, only those are weights; the scope of
            TensorFlow's names and ``:0`` at their end are dropped.
    """
    marked = {name[2:]: value for name, value in weights.items() if name.startswith("w/")}
    found = marked or dict(weights)
    if any("/" in name for name in found):
        found = {name.split("/", 1)[1].split(":")[0]: value for name, value in found.items()}
    return found


def read_official(
    algorithm: str, weights: Mapping[str, Any], settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Fields of the configuration of a released model.

    Args:
        algorithm: One of the four whose code was released.
        weights: By their released names, with ``shape``.
        settings: By their released names; those that are none of a model are passed over.

    Raises:
        ValueError: A model without released code, or weights that lack one it has.
    """
    readers = {"cmn": _memory, "icon": _memory, "dialoguernn": _rnn, "dialoguegcn": _gcn}
    if algorithm not in readers:
        raise ValueError(
            f"no code was released for {algorithm!r}: expected one of {', '.join(readers)}"
        )
    shapes = {name: tuple(value.shape) for name, value in released_weights(weights).items()}
    try:
        fields, options = readers[algorithm](shapes)
    except KeyError as error:
        raise ValueError(
            f"these are no weights of the released {algorithm}: {error.args[0]!r} is missing, got "
            f"{', '.join(sorted(shapes)[:5])}, ..."
        ) from error
    if algorithm in ("cmn", "icon"):
        allowed = {"hops", "timesteps"}
    else:
        allowed = {"att2"} if algorithm == "dialoguernn" else {"nodal_attention"}
    options |= {SETTINGS[name]: settings[name] for name in allowed if name in settings}
    if algorithm == "dialoguegcn":
        sizes = {ours: settings[name] for name, ours in WINDOWS.items() if name in settings}
        options |= {name: None if size < 0 else size for name, size in sizes.items()}
    if "n_speakers" in settings:
        fields["n_speakers"] = settings["n_speakers"]
    return {"algorithm": algorithm, "fidelity": "official", **fields, "options": options}


def _memory(shapes: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    feature_dim, hidden_dim = shapes["input/input/weights"]
    num_labels = shapes["output/outProj"][1]
    return {"feature_dim": feature_dim, "hidden_dim": hidden_dim, "num_labels": num_labels}, {}


def _reader(shapes: Mapping[str, Any]) -> tuple[int, int, dict[str, Any]]:
    """Widths of a direction's input and emotion state, and its options."""
    cell = "dialog_rnn_f.dialogue_cell."
    global_dim, party_dim, emotion_dim = (
        shapes[f"{cell}{name}_cell.weight_hh"][1] for name in ("g", "p", "e")
    )
    options = {"global_dim": global_dim, "party_dim": party_dim}
    options["listener_state"] = f"{cell}l_cell.weight_hh" in shapes
    attention = {name.removeprefix(f"{cell}attention.") for name in shapes if "_f." in name}
    kind = "general" if "transform.weight" in attention else "dot"
    if "vector_prod.weight" in attention:
        kind = "concat"
        options["attention_dim"] = shapes[f"{cell}attention.transform.weight"][0]
    elif "transform.bias" in attention:
        kind = "general2"
    elif "scalar.weight" in attention:
        kind = "simple"
    options["context_attention"] = kind
    return shapes[f"{cell}g_cell.weight_ih"][1] - party_dim, emotion_dim, options


def _rnn(shapes: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    feature_dim, emotion_dim, options = _reader(shapes)
    options["head_dim"] = shapes["linear.weight"][0] // 2
    sizes = {"feature_dim": feature_dim, "hidden_dim": emotion_dim}
    return {**sizes, "num_labels": shapes["smax_fc.weight"][0]}, options


def _gcn(shapes: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    n_bases, dim, graph_dim = shapes["graph_net.conv1.basis"]
    options = {"n_bases": n_bases, "graph_dim": graph_dim}
    options["max_length"] = shapes["att_model.scalar.weight"][0]
    fields = {
        "hidden_dim": dim // 2,
        "num_labels": shapes["graph_net.smax_fc.weight"][0],
        "n_speakers": isqrt(shapes["graph_net.conv1.att"][0] // 2),
    }
    for base in ("lstm", "gru"):
        if f"{base}.weight_ih_l0" in shapes:
            feature_dim = shapes[f"{base}.weight_ih_l0"][1]
            return {**fields, "feature_dim": feature_dim}, {**options, "base": base}
    if "base_linear.weight" in shapes:
        feature_dim = shapes["base_linear.weight"][1]
        return {**fields, "feature_dim": feature_dim}, {**options, "base": "none"}
    feature_dim, _, more = _reader(shapes)
    return {**fields, "feature_dim": feature_dim}, {**options, **more, "base": "dialoguernn"}
