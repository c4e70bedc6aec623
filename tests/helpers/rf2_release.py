"""Makes a synthetic SNOMED CT release: our own words, valid identifiers, the shape and sizes of a real one.

`python tests/helpers/rf2_release.py FOLDER_OR_ZIP [--concepts 350000] [--terms 4.6] [--seed 0] [--full]`

Nothing in it is SNOMED CT's but the identifiers that the Release File Specification itself gives. The same arguments
make the same bytes. A national extension (`XX`, namespace 1000999) comes in files of its own, as a package would.
"""

from __future__ import annotations

import argparse
import io
import random
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rpdr_core.knowledge_base.rf2 import metadata, rows
from rpdr_core.knowledge_base.rf2.sctid import Component, make

CORE_MODULE, MODEL_MODULE = "900000000000207008", "900000000000012004"
PRIMITIVE, INSENSITIVE, SOME = "900000000000074008", "900000000000448009", "900000000000451002"
STATED, ATTRIBUTE = "900000000000010007", "363698007"
ROOT, FINDINGS, METADATA = "138875005", "404684003", "900000000000441003"
ICD10, ICD10CM, CTV3 = "447562003", "6011000124106", "900000000000497000"
NAMESPACE = 1000999
MAPPED = "447637006"
COUNTRY = f"XX{NAMESPACE}"

_STEMS = (
    "cardi nephr hepat gastr neur derm oste arthr my angi hem pneum bronch rhin ot ophthalm cyst pyel col enter "
    "encephal mening radicul tend burs chondr aden thyr pancreat splen lymph phleb arteri ven kerat ir ret"
)
_ENDS = "itis osis opathy algia oma ectasis emia uria plegia spasm malacia rrhagia lithiasis megaly sclerosis"
_WHEN = "acute chronic recurrent congenital traumatic viral bacterial idiopathic drug-induced secondary severe"
_WHERE = "left right bilateral upper lower anterior posterior medial lateral proximal distal superficial deep"
_PARTS = (
    "forearm knee shoulder ankle hip wrist elbow kidney liver stomach bronchus retina cornea bladder colon ileum "
    "tongue palate larynx trachea aorta femur tibia humerus radius ulna patella pelvis sacrum vertebra rib"
)
_TAGS = (
    ("disorder", 40),
    ("procedure", 25),
    ("finding", 15),
    ("substance", 10),
    ("body structure", 6),
    ("organism", 4),
)
_SPELT = (("hem", "haem"), ("emia", "aemia"), ("color", "colour"), ("edema", "oedema"))


@dataclass
class Plan:
    """How large a release to make. `terms`: descriptions per concept; `retired`: share of inactive concepts."""

    concepts: int = 200
    terms: float = 4.6
    retired: float = 0.25
    extension: int = 20
    maps: float = 0.4
    seed: int = 0
    full: bool = False
    date: str = "20260101"


@dataclass
class Made:
    """What is in a release, for a test to hold its reading against."""

    concepts: int = 0
    descriptions: int = 0
    inactive: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    british: dict[str, str] = field(default_factory=dict)
    replaced: dict[str, str] = field(default_factory=dict)
    mapped: dict[str, str] = field(default_factory=dict)
    extension: list[str] = field(default_factory=list)


Write = Callable[[str, tuple[str, ...]], None]


def make_release(path: Path, plan: Plan | None = None) -> Made:
    """Write a release to a `.zip` or a folder. What it returns is kept for releases below 10,000 concepts only."""
    plan = plan or Plan()
    with _package(path, plan) as write:
        return _Maker(plan, write).make()


@contextmanager
def _package(path: Path, plan: Plan) -> Iterator[Write]:
    """Files are written beside each other, as their rows come; a zip takes them when they are done."""
    folder = path if path.suffix != ".zip" else path.with_suffix(".building")
    root = folder / f"SnomedCT_SyntheticRF2_PRODUCTION_{plan.date}T120000Z"
    streams: dict[str, io.TextIOWrapper] = {}
    with ExitStack() as stack:

        def write(name: str, cells: tuple[str, ...]) -> None:
            if name not in streams:
                target = root / name.format(release="Full" if plan.full else "Snapshot", date=plan.date)
                target.parent.mkdir(parents=True, exist_ok=True)
                streams[name] = stack.enter_context(target.open("w", encoding="utf-8", newline=""))
            streams[name].write("\t".join(cells) + "\r\n")

        yield write
    if folder != path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
            for file in sorted(folder.rglob("*.txt")):
                archive.write(file, file.relative_to(folder).as_posix())
                file.unlink()
        for part in sorted(folder.rglob("*"), reverse=True):
            part.rmdir()
        folder.rmdir()


class _Maker:
    def __init__(self, plan: Plan, write: Write) -> None:
        self.plan, self.made, self._write = plan, Made(), write
        self._chance = random.Random(plan.seed)
        self._stems, self._ends, self._when, self._where, self._parts = (
            text.split() for text in (_STEMS, _ENDS, _WHEN, _WHERE, _PARTS)
        )
        self._syllables = [first + second for first in "bcdfglmnprstv" for second in ("a", "e", "i", "o", "u", "ys")]
        self._items: dict[tuple[Component, int], int] = {}
        self._headed: set[str] = set()
        self._keeps = plan.concepts < 10_000

    def make(self) -> Made:
        self._metadata()
        living: list[tuple[str, str, str]] = []
        for _ in range(self.plan.concepts):
            self._core_concept(living)
        for _ in range(self.plan.extension):
            self._extension_concept(living)
        return self.made

    # Concepts

    def _metadata(self) -> None:
        self._concept(ROOT, "SNOMED CT Concept", "SNOMED RT+CTV3", (), CORE_MODULE)
        self._concept(FINDINGS, "Clinical finding", "finding", (ROOT,), CORE_MODULE)
        self._concept(METADATA, "SNOMED CT Model Component", "metadata", (ROOT,), MODEL_MODULE)
        sets = {
            metadata.AMERICAN: "US English",
            metadata.BRITISH: "GB English",
            CORE_MODULE: "SNOMED CT core",
            MODEL_MODULE: "SNOMED CT model component",
            ICD10: "ICD-10 complex map reference set",
            CTV3: "CTV3 simple map reference set",
        }
        for code, name in sets.items():
            self._concept(code, name, "foundation metadata concept", (METADATA,), MODEL_MODULE)
        self.module = self._id("concept", NAMESPACE)
        self.dialect = self._id("concept", NAMESPACE)
        for code, name in ((self.module, "Examplean module"), (self.dialect, "Examplean English reference set")):
            self._concept(code, name, "foundation metadata concept", (METADATA,), self.module)

    def _core_concept(self, living: list[tuple[str, str, str]]) -> None:
        code = self._id("concept")
        retired = bool(living) and self._chance.random() < self.plan.retired
        parent, tag, _ = self._chance.choice(living[-2_000:]) if living else (FINDINGS, "disorder", "")
        if self._chance.random() < 0.05:
            parent, tag = FINDINGS, self._chance.choices(*zip(*_TAGS, strict=True))[0]
        name = self._words(tag)
        parents = {parent: None}
        if living and self._chance.random() < 0.7:
            parents[self._chance.choice(living)[0]] = None
        self._concept(code, name, tag, () if retired else tuple(parents), CORE_MODULE, active=not retired)
        if retired:
            self._retire(code, self._chance.choice(living)[0])
        else:
            living.append((code, tag, name))
            if self._chance.random() < self.plan.maps:
                self._maps(code)

    def _extension_concept(self, living: list[tuple[str, str, str]]) -> None:
        code = self._id("concept", NAMESPACE)
        parent, tag, name = self._chance.choice(living)
        self._concept(code, f"{name} of Examplea", tag, (parent,), self.module)
        self._keep(lambda made: made.extension.append(code))

    def _concept(
        self, code: str, name: str, tag: str, parents: tuple[str, ...], module: str, *, active: bool = True
    ) -> None:
        self.made.concepts += 1
        cells = (code, self.plan.date, "1" if active else "0", module, PRIMITIVE)
        if self.plan.full and self._chance.random() < 0.3:
            self._row("Concept", module, "sct2_Concept_{release}", rows.CONCEPT, (code, "20200101", "1", *cells[3:]))
        self._row("Concept", module, "sct2_Concept_{release}", rows.CONCEPT, cells)
        self._describe(code, name, tag, module)
        for parent in parents:
            self._relationship(code, parent, metadata.IS_A, module)
        if not active:
            self._keep(lambda made: made.inactive.append(code))
            self._relationship(code, FINDINGS, metadata.IS_A, module, active=False)
        for _ in range(self._chance.randint(0, 4)):
            self._relationship(code, FINDINGS, ATTRIBUTE, module)

    # Descriptions

    def _describe(self, code: str, name: str, tag: str, module: str) -> None:
        british = name
        for american, other in _SPELT:
            british = british.replace(american, other)
        self._description(code, f"{name} ({tag})", metadata.FULLY_SPECIFIED_NAME, module, "PP")
        self._description(code, name, metadata.SYNONYM, module, "PP" if british == name else "P-")
        if british != name:
            self._description(code, british, metadata.SYNONYM, module, "-P")
        self._keep(lambda made: made.names.update({code: name}))
        self._keep(lambda made: made.british.update({code: british}))
        extra = self.plan.terms - (2 if british == name else 3)
        for _ in range(int(extra) + (self._chance.random() < extra % 1)):
            self._description(
                code, self._words(tag), metadata.SYNONYM, module, "AA", active=self._chance.random() > 0.15
            )
        if self._chance.random() < 0.02:
            self._description(code, f"A condition: {name}.", metadata.DEFINITION, module, "PP")

    def _description(self, code: str, text: str, kind: str, module: str, words: str, *, active: bool = True) -> None:
        self.made.descriptions += 1
        number = self._id("description", NAMESPACE if module == getattr(self, "module", "") else 0)
        defines = kind == metadata.DEFINITION
        name = "sct2_TextDefinition_{release}-en" if defines else "sct2_Description_{release}-en"
        cells = (number, self.plan.date, "1" if active else "0", module, code, "en", kind, text, INSENSITIVE)
        if self.plan.full and self._chance.random() < 0.2:
            old = (number, "20200101", "1", module, code, "en", kind, f"old {text}", INSENSITIVE)
            self._row("Description", module, name, rows.DESCRIPTION, old)
        self._row("Description", module, name, rows.DESCRIPTION, cells)
        for refset, word in zip((metadata.AMERICAN, metadata.BRITISH), words, strict=True):
            if word != "-":
                self._language(refset, number, word, module, active=active)
        if module == getattr(self, "module", "") and kind == metadata.SYNONYM:
            self._language(self.dialect, number, words[0].replace("-", "A"), module, active=active)

    def _language(self, refset: str, number: str, word: str, module: str, *, active: bool) -> None:
        value = metadata.PREFERRED if word == "P" else metadata.ACCEPTABLE
        self._member("der2_cRefset_Language{release}-en", rows.LANGUAGE, refset, number, (value,), module, active)

    # Relationships and reference sets

    def _relationship(self, child: str, parent: str, kind: str, module: str, *, active: bool = True) -> None:
        number = self._id("relationship", NAMESPACE if module == getattr(self, "module", "") else 0)
        flag = "1" if active else "0"
        cells = (number, self.plan.date, flag, module, child, parent, "0", kind, metadata.INFERRED, SOME)
        self._row("Relationship", module, "sct2_Relationship_{release}", rows.RELATIONSHIP, cells)

    def _retire(self, code: str, target: str) -> None:
        refset = self._chance.choice(sorted(metadata.ASSOCIATIONS))
        if metadata.ASSOCIATIONS[refset] == "replaced_by":
            self._keep(lambda made: made.replaced.update({code: target}))
        self._member("der2_cRefset_Association{release}", rows.ASSOCIATION, refset, code, (target,), CORE_MODULE, True)

    def _maps(self, code: str) -> None:
        target = f"{self._chance.choice('ABCDEFGHIJKLMN')}{self._chance.randint(0, 99):02}.{self._chance.randint(0, 9)}"
        self._keep(lambda made: made.mapped.update({code: target}))
        columns = (*rows.COMPLEX_MAP, "mapCategoryId")
        name = "der2_iisssccRefset_ExtendedMap{release}"
        more = ("1", "1", "TRUE", f"ALWAYS {target}", target, MAPPED, MAPPED)
        self._member(name, columns, ICD10, code, more, CORE_MODULE, True)
        if self._chance.random() < 0.2:
            rule = f"IFA {code} | Condition |"
            more = ("1", "2", rule, "MAP IS CONTEXT DEPENDENT", "", MAPPED, MAPPED)
            self._member(name, columns, ICD10, code, more, CORE_MODULE, self._chance.random() < 0.8)
        self._member("der2_sRefset_SimpleMap{release}", rows.SIMPLE_MAP, CTV3, code, ("XE0aa",), CORE_MODULE, True)

    def _member(
        self,
        name: str,
        columns: tuple[str, ...],
        refset: str,
        component: str,
        more: tuple[str, ...],
        module: str,
        active: bool,
    ) -> None:
        number = str(uuid.UUID(int=self._chance.getrandbits(128), version=4))
        cells = (number, self.plan.date, "1" if active else "0", module, refset, component, *more)
        self._row("Refset", module, name, columns, cells)

    # Small parts

    def _row(self, kind: str, module: str, name: str, columns: tuple[str, ...], cells: tuple[str, ...]) -> None:
        own = module == getattr(self, "module", "")
        folder = "Refset" if kind == "Refset" else "Terminology"
        file = f"{{release}}/{folder}/{name}_{COUNTRY if own else 'INT'}_{{date}}.txt"
        if file not in self._headed:
            self._headed.add(file)
            self._write(file, columns)
        self._write(file, cells)

    def _id(self, kind: Component, namespace: int = 0) -> str:
        number = self._items.get((kind, namespace), 1 if namespace else 20_000_000)
        self._items[kind, namespace] = number + 1
        return make(number, kind, namespace)

    def _words(self, tag: str = "disorder") -> str:
        pick = self._chance.choice
        if tag in ("substance", "organism"):
            return f"{self._invented()} {self._invented()}".capitalize()
        disease = "".join((pick(self._stems), "o", pick(self._stems), pick(self._ends)))
        return f"{pick(self._when)} {disease} of {pick(self._where)} {pick(self._parts)}".capitalize()

    def _invented(self) -> str:
        """One of some 100,000 words, a few of them often: a real edition has as many."""
        rest, word = int(100_000 ** self._chance.random() * self._chance.random()), ""
        for _ in range(4):
            rest, at = divmod(rest * 7 + 3, len(self._syllables))
            word += self._syllables[at]
        return word

    def _keep(self, add: Callable[[Made], object]) -> None:
        if self._keeps:
            add(self.made)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--concepts", type=int, default=350_000)
    parser.add_argument("--terms", type=float, default=4.6)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    plan = Plan(options.concepts, options.terms, seed=options.seed, full=options.full, extension=2_000)
    made = make_release(options.path, plan)
    print(f"{made.concepts:,} concepts, {made.descriptions:,} descriptions in {options.path}")


if __name__ == "__main__":
    main()
