"""Other uses of the same vectors, without a label: `python tests/benchmarks/retriever_geometry.py DATA_FOLDER`.

DATA_FOLDER as for `retriever_ablation.py`. Nothing of this is built in; the rows say why. Hubness and whitening are
estimated on the lexicon's terms or on the names, never on the mentions. `--encoder FOLDER`: instead of the bundled one;
`--with FOLDER`: a second encoder whose cosines are averaged with the first one's.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from retriever_ablation import K, Outcome

from rpdr_core.formats.mentions import read_mentions
from rpdr_core.knowledge_base.library import Library
from rpdr_worker.retrieval.encoder import Encoder
from rpdr_worker.retrieval.encoder_folder import EncoderFolder, open_encoder_folder
from rpdr_worker.retrieval.lexical_batch import lexical_scores
from rpdr_worker.retrieval.retriever import _EXACT, _VARIANT_COST
from rpdr_worker.retrieval.space import Space
from rpdr_worker.retrieval.text import search_key
from rpdr_worker.retrieval.torch_runtime import load_model

Floats = npt.NDArray[np.float32]
_TERMS = 6_000


class Judge:
    """Cosines of all forms with all names, in; a row of the table, out. Fused and scored as retrieval does it."""

    def __init__(self, folder: Path) -> None:
        catalogue = Library().open(str(folder / "concepts.tsv"))
        info = catalogue.info
        space = Space(catalogue.folder, info.fingerprint, tokens=catalogue.tokens, paraphrases=catalogue.paraphrases)
        mentions = list(read_mentions(folder / "validation.tsv"))
        segment, terminology = space.segments[0], space.terminology
        self.asked = [space.retriever._expander.variants(mention.text) for mention in mentions]
        self.forms = sorted({form for forms in self.asked for form in forms})
        self.names, self._keys = list(segment.table.strings), segment.table.keys
        self._owners = [(at, owner.entity) for at, owners in enumerate(segment.table.owners) for owner in owners]
        self._gold = np.array([terminology.position[mention.code] for mention in mentions])
        self._letters = lexical_scores(segment.lexical, self.forms)
        self._entities = len(terminology.entities)

    def row(self, name: str, cosines: Floats, other: Outcome | None = None, weight: float = 0.25) -> Outcome:
        fused = (1 - weight) * cosines + weight * self._letters
        place = {form: at for at, form in enumerate(self.forms)}
        strings, owners = np.array(self._owners).T
        scores = np.full((len(self.asked), self._entities), -9.0, np.float32)
        for at, forms in enumerate(self.asked):
            best = np.max([fused[place[form]] - cost * _VARIANT_COST for cost, form in enumerate(forms)], axis=0)
            best += _EXACT["name"] * np.array([key == forms[0] for key in self._keys])
            np.maximum.at(scores[at], owners, best[strings])
        hits = np.argsort(-scores, axis=1, kind="stable")[:, :K] == self._gold[:, None]
        outcome = Outcome(name, tuple(hits[:, 0].tolist()), tuple(hits.any(1).tolist()))
        print(outcome.line(other), flush=True)
        return outcome


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--encoder", default="")
    asked.add_argument("--with", dest="besides", default="")
    given = asked.parse_args()
    torch.set_num_threads(1)
    judge, folder = Judge(given.folder), open_encoder_folder(given.encoder)
    encoder = Encoder.open(folder)
    queries, names = encoder.encode(judge.forms), encoder.encode(judge.names)
    cosines = queries @ names.T
    print("| setting | acc@1 | recall@10 | gain in acc@1 | over |\n|---|---:|---:|---:|---|", flush=True)
    base = judge.row("as shipped", cosines)
    for weight in (0.15, 0.35, 0.45):
        judge.row(f"weight of letters {weight}", cosines, base, weight)
    terms = sorted({search_key(one.term) for one in Library().open("icd10cm").lexicon_terms() if one.term.isascii()})
    told = encoder.encode(terms[:: max(1, len(terms) // _TERMS)])
    for kind, among in (("lexicon terms", told), ("names", names)):
        near = np.sort(names @ among.T, axis=1)[:, -11:-1].mean(1)
        for share in (0.25, 0.5):
            judge.row(f"hubness among {kind} taken off, {share}", cosines - share * (near - near.mean()), base)
        for power in (0.0, 0.25, 0.5):
            judge.row(f"whitened by {kind}, power {power}", whitened(queries, names, among, power, cosines), base)
    if given.besides:
        second = Encoder.open(open_encoder_folder(given.besides))
        both = (cosines + second.encode(judge.forms) @ second.encode(judge.names).T) / 2
        judge.row("mean of two encoders", both, base)
    by_token(judge, encoder, folder, cosines, base)


def by_token(judge: Judge, encoder: Encoder, folder: EncoderFolder, cosines: Floats, base: Outcome) -> None:
    """What keeps a vector for each token, or pools them otherwise."""
    asked, named = tokens(encoder, folder, judge.forms), tokens(encoder, folder, judge.names)
    seen = Counter(token for ids, _ in named for token in set(ids))
    rarity = {token: float(np.log((1 + len(named)) / (1 + count)) + 1) for token, count in seen.items()}
    most = float(np.log(1 + len(named)) + 1)

    def pooled(texts: Sequence[tuple[list[int], Floats]], layer: int, power: float) -> Floats:
        weights = [np.array([rarity.get(token, most) ** power for token in ids], np.float32) for ids, _ in texts]
        return unit(np.stack([w @ hidden[layer] for w, (_, hidden) in zip(weights, texts, strict=True)]))

    judge.row("tokens weighted by rarity", pooled(asked, -1, 1.0) @ pooled(named, -1, 1.0).T, base)
    for layer in (0, 3, 4):
        other = pooled(asked, layer, 0.0) @ pooled(named, layer, 0.0).T
        judge.row(f"layer {layer} mixed in, 0.3", 0.7 * cosines + 0.3 * scaled(other, cosines), base)
    ends = np.cumsum([0, *(len(ids) for ids, _ in named)])[:-1]
    every = unit(np.concatenate([hidden[-1] for _, hidden in named]))
    late = np.empty_like(cosines)
    for at, (_, hidden) in enumerate(asked):
        near = unit(hidden[-1]) @ every.T
        there = np.maximum.reduceat(near, ends, axis=1).mean(0)
        back = np.add.reduceat(near.max(0), ends) / np.diff([*ends, len(every)])
        late[at] = (there + back) / 2
    for share in (0.25, 0.5):
        mixed = (1 - share) * cosines + share * scaled(late, cosines)
        judge.row(f"late interaction mixed in, {share}", mixed, base)


def tokens(encoder: Encoder, folder: EncoderFolder, texts: Sequence[str]) -> list[tuple[list[int], Floats]]:
    """Token ids and hidden states (layers, tokens, width) of each text, the marks at its ends left out."""
    model, found = load_model(folder.path), []
    for encoding in encoder._tokenizer.encode_batch(list(texts)):
        with torch.inference_mode():
            states = model(input_ids=torch.tensor([encoding.ids]), output_hidden_states=True).hidden_states
        inner = slice(1, -1) if len(encoding.ids) > 2 else slice(None)
        found.append((encoding.ids[inner], torch.cat(states).float().numpy()[:, inner]))
    return found


def whitened(queries: Floats, names: Floats, among: Floats, power: float, like: Floats) -> Floats:
    middle = among.mean(0)
    axes, spread, _ = np.linalg.svd(np.cov((among - middle).T))
    change = (axes * (spread + 1e-5) ** -power).astype(np.float32)
    return scaled(unit((queries - middle) @ change) @ unit((names - middle) @ change).T, like)


def scaled(scores: Floats, like: Floats) -> Floats:
    return np.asarray((scores - scores.mean()) / scores.std() * like.std() + like.mean(), np.float32)


def unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9), np.float32)


if __name__ == "__main__":
    main()
