"""Build `src/irodori/assets/clip_bpe.bin` from CLIP's published list of merges.

Run once, when the source changes (it has not since 2021):

    pip download --no-deps open_clip_torch
    unzip -p open_clip_torch-*.whl open_clip/bpe_simple_vocab_16e6.txt.gz > vocab.txt.gz
    python scripts/build_clip_bpe.py vocab.txt.gz src/irodori/assets/clip_bpe.bin

The format is described in `src/irodori/assets/README.md`.
"""

import argparse
import gzip
import struct
import zlib
from pathlib import Path

MERGES = 48_894  # 49,408 ids less 256 bytes, 256 bytes that end a word, and two specials
FIRST_MERGE_ID = 512


def byte_symbols() -> list[str]:
    """Return the 256 printable stand-ins of GPT-2's byte alphabet, in CLIP's id order."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + i) for i in range(len(hidden))]


def merge_ids(lines: list[str]) -> tuple[list[int], list[int]]:
    """Return the left and the right id of each merge, in rank order."""
    symbols = byte_symbols()
    ids = {text: i for i, text in enumerate(symbols + [symbol + "</w>" for symbol in symbols])}
    left: list[int] = []
    right: list[int] = []
    for rank, line in enumerate(lines):
        first, second = line.split()
        left.append(ids[first])
        right.append(ids[second])
        if ids.setdefault(first + second, FIRST_MERGE_ID + rank) != FIRST_MERGE_ID + rank:
            raise SystemExit(f"merge {rank} makes '{first + second}' a second time")
    return left, right


def main() -> None:
    """Write the asset and print its size."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("source", type=Path)
    arguments.add_argument("target", type=Path)
    given = arguments.parse_args()
    lines = gzip.decompress(given.source.read_bytes()).decode("utf-8").split("\n")
    left, right = merge_ids(lines[1 : 1 + MERGES])
    packed = struct.pack(f"<{2 * MERGES}H", *left, *right)
    given.target.write_bytes(zlib.compress(packed, 9))
    print(f"{MERGES} merges, {given.target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
