"""Make the bundled fonts anew: `python packaging/fonts.py INTER_FOLDER NOTO_SANS_CJK_TTC`.

Inter is subset to Latin, Greek, arrows and signs; Noto Sans CJK SC to GB 2312 and the punctuation around it, and
renamed 'RPDR Sans SC'. Both are under the SIL Open Font License 1.1 (see the licence beside the fonts). Needs
fonttools; not part of the normal set-up, because the results are kept in the repository.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

OUT = Path(__file__).parent.parent / "resources" / "rpdr_resources" / "fonts"
LATIN = [*range(0x20, 0x250), *range(0x370, 0x400), *range(0x2010, 0x2060), *range(0x2070, 0x20D0)]
LATIN += [*range(0x2100, 0x2200), *range(0x2200, 0x2300), *range(0x2300, 0x2400), *range(0x25A0, 0x2700)]


def gb2312() -> list[int]:
    """Code points of GB 2312, the everyday simplified characters (6,763) and signs."""
    points = set(range(0x3000, 0x3040)) | set(range(0xFF00, 0xFFF0))
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                points.add(ord(bytes((high, low)).decode("gb2312")))
            except UnicodeDecodeError:
                continue
    return sorted(points)


def shrink(font: TTFont, points: list[int], name: str, path: Path) -> None:
    """Keep only the glyphs for the code points and give the family its name."""
    options = subset.Options()
    options.layout_features = ["kern", "liga", "calt", "ccmp", "locl", "mark", "mkmk", "tnum", "case"]
    options.hinting = False
    options.desubroutinize = False
    options.name_IDs = ["*"]
    options.notdef_outline = True
    worker = subset.Subsetter(options)
    worker.populate(unicodes=points)
    worker.subset(font)
    for record in list(font["name"].names):
        if record.nameID in (1, 16, 21):
            record.string = name
        elif record.nameID in (3, 4, 6, 18, 25):
            style = font["name"].getDebugName(17) or font["name"].getDebugName(2) or "Regular"
            record.string = f"{name} {style}".replace(" ", "" if record.nameID in (6, 25) else " ")
    if "CFF " in font:
        cff = font["CFF "].cff
        cff.fontNames = [font["name"].getDebugName(6) or name.replace(" ", "")]
    font.save(path)
    print(path.name, path.stat().st_size)


def main(inter: Path, noto: Path) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    for style in ("Regular", "Medium", "SemiBold"):
        shrink(TTFont(inter / f"Inter-{style}.otf"), LATIN, "Inter", OUT / f"Inter-{style}.otf")
    collection = TTCollection(noto)
    chinese = next(f for f in collection.fonts if f["name"].getDebugName(1) == "Noto Sans CJK SC")
    shrink(chinese, gb2312(), "RPDR Sans SC", OUT / "RPDRSansSC-Regular.otf")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
