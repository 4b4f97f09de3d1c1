"""The most memory that a second pass of SDXL's size takes: a whole `irodori generate --hires`.

    python benchmarks/bench_hires_memory.py --full --file random-sdxl.safetensors   20 minutes or so
    python benchmarks/bench_hires_memory.py                    the shipped model's sizes, a minute

The file holds random weights in SDXL's layout (`bench_start.py` makes it; with --full it takes 7 GB
and is kept). Every pass runs one step, of two calls' worth where CFG is above 1: steps are alike,
and memory does not grow from one to the next. Drawn is 1024x1536 (practice P18), then what --hires
makes of it; Lanczos, so that the autoencoder decodes the first pass, encodes the enlarged picture
and decodes the second.

`resident` is the kernel's peak of the process with pages of the mapped file, which it may take back
at any time; `own` is without them.
"""

import argparse
import json
import tempfile
from pathlib import Path
from sys import executable

from bench_start import PROMPT, make
from child_memory import measured


def main() -> None:
    """Make the file where it is missing, draw, print the peak."""
    options = parsed()
    with tempfile.TemporaryDirectory() as folder:
        file = options.file or Path(folder) / "random.safetensors"
        if not file.exists():
            make(file, full=options.full)
        config = Path(folder) / "config.toml"
        config.write_text(
            f'outputs = "{folder}/pictures"\ndevice = "cpu"\nthreads = {options.threads}\n'
        )
        command = [executable, "-m", "irodori", "generate", PROMPT, "--model", str(file)]
        command += ["--size", options.size, "--steps", "1", "--cfg", str(options.cfg)]
        command += ["--hires", options.hires, "--hires-steps", "1", "--upscaler", "Lanczos"]
        command += ["--seed", "1", "--out", f"{folder}/drawn.png", "--json"]
        found = measured(command, {"IRODORI_CONFIG": str(config)})
    (drawn,) = json.loads(found.output)
    if drawn["recipe"]["hires"] is None:
        raise RuntimeError(f"the second pass was not drawn: {drawn['notes']}")
    numerics = drawn["recipe"]["numerics"]
    tile = numerics["vae_tile"]
    print(f"{options.size}, then --hires {options.hires}, {numerics['dtype']} on {options.threads}")
    print(f"autoencoder: {f'tiles of {tile}' if tile else 'pictures whole'}")
    print(f"resident {found.resident:.1f} GiB, own {found.own:.1f} GiB")


def parsed() -> argparse.Namespace:
    """Return the command's options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="SDXL's own sizes, float16 in the file")
    parser.add_argument("--file", type=Path, help="made where it is missing, and kept")
    parser.add_argument("--size", default="1024x1536")
    parser.add_argument("--hires", default="1.5", help="factor, or size as 1024x1536")
    parser.add_argument("--cfg", type=float, default=5.0)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main()
