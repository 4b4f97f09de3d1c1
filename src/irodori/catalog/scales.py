"""What stands beside float8 weights in ComfyUI's scaled files, by name."""

from typing import Final

MARKS: Final = ("scaled_fp8",)
"""Tensors that say a file has scales; they hold nothing."""

SCALES: Final = (".scale_weight", ".weight_scale")
"""What a float8 weight's scale is called, after the name of its layer."""

SIDE: Final = (*SCALES, ".scale_input", ".input_scale", ".comfy_quant")
"""All that may stand beside a float8 weight."""
