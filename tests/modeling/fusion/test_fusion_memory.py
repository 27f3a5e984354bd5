"""MFN and Graph-MFN against a loop of cells; the graph's networks that were not registered."""

import torch
from fusion_cases import batch_of, model_of

from affecthub.modeling.fusion import FusionModel


def loop(fusion, batch):
    """The states and the memory, one step after the other, in plain layers."""
    xs = [batch["text"], batch["audio"], batch["vision"]]
    n_clips, width = len(xs[0]), fusion.lstm_l.hidden_size
    states = [(torch.zeros(n_clips, width),) * 2 for _ in xs]
    memory = torch.zeros(n_clips, fusion.mem_dim)
    for t in range(xs[0].shape[1]):
        triples = zip(fusion.cells, xs, states, strict=True)
        after = [cell(x[:, t], state) for cell, x, state in triples]
        seen = attended(fusion, states, after)
        both = torch.cat([seen, memory], dim=1)
        candidate = torch.tanh(fusion.att2_fc2(fusion.att2_fc1(seen).relu()))
        keep = torch.sigmoid(fusion.gamma1_fc2(fusion.gamma1_fc1(both).relu()))
        take = torch.sigmoid(fusion.gamma2_fc2(fusion.gamma2_fc1(both).relu()))
        memory, states = keep * memory + take * candidate, after
    last = torch.cat([*(h for h, _ in states), memory], dim=1)
    return fusion.out_fc2(fusion.out_fc1(last).relu())


def attended(fusion, before, after):
    if hasattr(fusion, "att1_fc1"):
        window = torch.cat([*(c for _, c in before), *(c for _, c in after)], dim=1)
        return fusion.att1_fc2(fusion.att1_fc1(window).relu()).softmax(1) * window
    layers = (fusion.l_transform, fusion.a_transform, fusion.v_transform)
    pairs = zip(layers, before, after, strict=True)
    a, b, c = (fc(torch.cat([old[0], new[0]], dim=1)).relu() for fc, old, new in pairs)
    graph = fusion.graph_mfn
    share = graph.efficacy_model(torch.cat([a, b, c], dim=1)).T.unsqueeze(-1)

    def scaled(nodes, start):
        return torch.cat([x * share[start + i] for i, x in enumerate(nodes)], dim=1)

    ab = graph.networks["01"](scaled([a, b], 0))
    ac = graph.networks["02"](scaled([a, c], 2))
    bc = graph.networks["12"](scaled([b, c], 4))
    abc = graph.networks["012"](scaled([a, b, c, ab, ac, bc], 6))
    return graph.t_network(scaled([a, b, c, ab, ac, bc, abc], 12))


def test_without_loops_as_with_them():
    for name in ("mfn", "graph_mfn"):
        for fidelity in ("fixed", "official"):
            for n_steps in (1, 2, 6):
                model = model_of(name, fidelity=fidelity, options={"mem_dim": 5})
                batch = batch_of(3, n_steps)
                torch.testing.assert_close(model(**batch).features, loop(model.fusion, batch))


def test_networks_that_were_not_registered_are_kept_and_not_trained(tmp_path):
    official, fixed = model_of("graph_mfn", fidelity="official"), model_of("graph_mfn")
    name = "fusion.graph_mfn.networks.012.0.weight"
    assert name in dict(fixed.named_parameters())
    assert name not in dict(official.named_parameters()) and name in official.state_dict()
    official.save_pretrained(tmp_path)
    again = FusionModel.from_pretrained(tmp_path)
    assert torch.equal(again(**batch_of()).logits, official(**batch_of()).logits)
    fixed.load_official({k.removeprefix("fusion."): x for k, x in official.state_dict().items()})
    assert torch.equal(fixed.state_dict()[name], official.state_dict()[name])
