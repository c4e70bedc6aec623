"""A BERT of two small layers with random weights, as a model folder; and a rule for a student to learn."""

from __future__ import annotations

import json
import random
from pathlib import Path

from rpdr_core.protocol.messages import MentionText, RankItem, TrainingRow
from rpdr_core.records import Candidate

# What lay people say, and what the terminology calls it. Nothing in the words gives the pairs away.
LAY = {"sugar": "diabetes", "shakes": "tremor", "piles": "haemorrhoid", "runs": "diarrhoea", "rash": "exanthem"}
_FILLERS = ("bad", "my", "some", "old", "the", "again", "daily", "left", "right", "mild", "severe", "since")
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
WORDS = (*_SPECIAL, *LAY, *LAY.values(), *_FILLERS, "(", ")", ",", "a", "b", "c")


def tiny_bert(folder: Path, *, seed: int = 0, pooling: str = "mean") -> Path:
    """Write config, vocabulary, tokenizer and safetensors; a fraction of a second."""
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from tokenizers.processors import BertProcessing
    from transformers import BertConfig, BertModel

    folder.mkdir(parents=True)
    vocabulary = {word: place for place, word in enumerate(WORDS)}
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        config = BertConfig(
            vocab_size=len(WORDS),
            hidden_size=48,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=96,
            max_position_embeddings=64,
            initializer_range=0.3,
        )
        BertModel(config).save_pretrained(str(folder))
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = BertProcessing(("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"]))
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": true}', encoding="utf-8")
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode": pooling}), encoding="utf-8")
    return folder


def lay_rows(count: int, *, seed: int = 0) -> tuple[TrainingRow, ...]:
    """Mentions such as `my bad piles`; the right candidate is anywhere in the list, and the retriever knows nothing."""
    draw = random.Random(seed)
    rows = []
    for _ in range(count):
        lay, name = draw.choice(list(LAY.items()))
        words = [lay, *draw.sample(_FILLERS, 2)]
        draw.shuffle(words)
        names = list(LAY.values())
        draw.shuffle(names)
        candidates = tuple(
            Candidate(f"C-{n}", n, n, "name", round(1.0 - place / 100, 2)) for place, n in enumerate(names)
        )
        right = names.index(name)
        order = (right, *(place for place in range(len(names)) if place != right))
        rows.append(TrainingRow(" ".join(words), "", candidates, order, "teacher-exact"))
    return tuple(rows)


def items_of(rows: tuple[TrainingRow, ...]) -> tuple[RankItem, ...]:
    return tuple(RankItem(MentionText(at, row.mention, row.context), row.candidates) for at, row in enumerate(rows))


def right_codes(rows: tuple[TrainingRow, ...]) -> list[str]:
    return [row.candidates[row.order[0]].code for row in rows]
