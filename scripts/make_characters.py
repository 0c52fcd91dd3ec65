"""Write src/casextract/load/characters.txt: how much each Chinese character is worth as evidence, in bits.

The frequencies are those of jieba's word list, counted by character, the traditional ones through OpenCC. A line holds
the characters that occur once in about 2**n characters: `n<TAB>characters`. Run it from the checkout; same packages,
same bytes.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from pathlib import Path

import jieba
import opencc

TARGET = Path(__file__).resolve().parent.parent / "src" / "casextract" / "load" / "characters.txt"
RAREST = 21
"""Characters below one in 2**21 are left out: they are no evidence."""


def main() -> None:
    to_traditional = opencc.OpenCC("s2t")
    counts: Counter[str] = Counter()
    with jieba.get_dict_file() as lines:
        words = [line.decode("utf-8").split(" ")[:2] for line in lines]
    traditional = to_traditional.convert("\n".join(word for word, _ in words)).split("\n")
    for (word, count), twin in zip(words, traditional, strict=True):
        for character in word + twin:
            counts[character] += int(count)
    total = counts.total()
    bands: defaultdict[int, list[str]] = defaultdict(list)
    for character, count in counts.items():
        bits = round(-math.log2(count / total))
        if "\u4e00" <= character <= "\u9fff" and bits <= RAREST:
            bands[bits].append(character)
    TARGET.write_text(
        "".join(f"{n}\t{''.join(sorted(bands[n]))}\n" for n in sorted(bands)), encoding="utf-8", newline="\n"
    )
    print(f"{sum(map(len, bands.values()))} characters in {len(bands)} bands")


if __name__ == "__main__":
    main()
