"""Enlarging with a network: peak memory of a whole `irodori upscale`, and what tiles change.

    python benchmarks/bench_upscale.py                            Anime6B, 832x1216 by 4: minutes
    python benchmarks/bench_upscale.py --upscaler realesr-animevideov3 --size 416x608

The picture is painted (`irodori.painter`, seed 7). Memory is that of a process of its own, Python
and PyTorch in it: `resident` is the kernel's peak with pages of files, `own` without. Tiles are
compared with the picture as a whole on a smaller one, for the network's memory grows with a tile.
"""

import argparse
import tempfile
from pathlib import Path
from sys import executable

import numpy as np
from child_memory import measured
from PIL import Image

SEED = 7
WHOLE = 2**16  # pixels of the picture that is enlarged whole, at most: a gigabyte or so


def main() -> None:
    """Paint the pictures, enlarge them, print what it took and what tiles changed."""
    options = parsed()
    width, height = (int(side) for side in options.size.split("x"))
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.toml"
        config.write_text(
            f'outputs = "{folder}"\ndevice = "cpu"\nthreads = {options.threads}\n', encoding="utf-8"
        )
        source, out = Path(folder) / "painted.png", Path(folder) / "large.png"
        Image.fromarray(painted(width, height)).save(source)
        command = [executable, "-m", "irodori", "upscale", str(source), "--out", str(out)]
        command += ["--by", str(options.by), "--upscaler", options.upscaler]
        found = measured(command, {"IRODORI_CONFIG": str(config), "OMP_NUM_THREADS": "1"})
        with Image.open(out) as large:
            size = large.size
    print(f"{options.upscaler}: {width}x{height} to {size[0]}x{size[1]}")
    print(f"resident {found.resident:.2f} GiB, own {found.own:.2f} GiB")
    if not options.memory_only:
        compare(options.upscaler, options.threads)


def compare(name: str, threads: int) -> None:
    """Print how far a picture enlarged in tiles is from the same enlarged whole."""
    import torch

    from irodori.app.config import default_config
    from irodori.app.library import Library
    from irodori.engine.listener import Listener
    from irodori.engine.loading.upscaler import load_upscaler
    from irodori.engine.network_upscaler import NetworkUpscaler

    torch.set_num_threads(threads)
    path = Library(default_config()).upscaler(name)
    if path is None:
        raise RuntimeError(f"the upscaler '{name}' is not here")
    network = load_upscaler(path, torch.device("cpu"))
    side = round(WHOLE**0.5)
    pixels = painted(side, side)
    silent = Listener(tell=lambda _: None, cancelled=lambda: False)
    whole, tiled = (
        NetworkUpscaler(name=name, network=network, side=tile).enlarged(
            pixels, side * network.scale, side * network.scale, silent
        )
        for tile in (side, side * 3 // 4)
    )
    if whole is None or tiled is None:
        raise RuntimeError("cancelled")
    apart = np.abs(whole.astype(int) - tiled)
    psnr = 10 * np.log10(255**2 / max(float((apart**2).mean()), 1e-12))
    print(
        f"{side}x{side} in tiles of {side * 3 // 4} and whole: at most {apart.max()} levels of "
        f"255 apart, {apart.mean():.4f} on average, PSNR {psnr:.1f} dB"
    )


def painted(width: int, height: int) -> np.ndarray:
    """Return a painted picture, uint8 [height, width, 3]."""
    from irodori.painter.raster.picture import paint
    from irodori.painter.sampling import sample_scene

    return paint(sample_scene(SEED), width, height)


def parsed() -> argparse.Namespace:
    """Return the command's options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--upscaler", default="R-ESRGAN 4x+ Anime6B")
    parser.add_argument("--size", default="832x1216")
    parser.add_argument("--by", type=float, default=4.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--memory-only", action="store_true", help="leave the comparison out")
    return parser.parse_args()


if __name__ == "__main__":
    main()
