"""SDXL in plain PyTorch; attribute names are the keys of the single-file layout."""
