"""RCP: recipes: samplers, steps, sizes, passes (P1, P16-P19)."""

from typing import Final

from irodori.lint.rule import Rule
from irodori.lint.rules.rcp.cfg_scale import CfgScale
from irodori.lint.rules.rcp.clip_skip import ClipSkip
from irodori.lint.rules.rcp.crowd_in_few_steps import CrowdInFewSteps
from irodori.lint.rules.rcp.detailer_denoise import DetailerDenoise
from irodori.lint.rules.rcp.detailer_off import DetailerOff
from irodori.lint.rules.rcp.early_refiner import EarlyRefiner
from irodori.lint.rules.rcp.fast_lora_slow_sampler import FastLoraSlowSampler
from irodori.lint.rules.rcp.hires_denoise import HiresDenoise
from irodori.lint.rules.rcp.hires_settings import HiresSettings
from irodori.lint.rules.rcp.img2img_denoise import Img2ImgDenoise
from irodori.lint.rules.rcp.ipndm_v_breaks import IpndmVBreaks
from irodori.lint.rules.rcp.lcm_settings import LcmSettings
from irodori.lint.rules.rcp.lcm_without_lora import LcmWithoutLora
from irodori.lint.rules.rcp.picture_size import PictureSize
from irodori.lint.rules.rcp.prediction_mismatch import PredictionMismatch
from irodori.lint.rules.rcp.unusual_schedule import UnusualSchedule
from irodori.lint.rules.rcp.unusual_steps import UnusualSteps
from irodori.lint.rules.rcp.v_prediction_light import VPredictionLight
from irodori.lint.rules.rcp.v_prediction_schedule import VPredictionSchedule

RULES: Final[tuple[type[Rule], ...]] = (
    UnusualSchedule,
    UnusualSteps,
    IpndmVBreaks,
    CrowdInFewSteps,
    LcmWithoutLora,
    LcmSettings,
    VPredictionSchedule,
    VPredictionLight,
    PredictionMismatch,
    PictureSize,
    ClipSkip,
    CfgScale,
    HiresDenoise,
    Img2ImgDenoise,
    DetailerOff,
    DetailerDenoise,
    EarlyRefiner,
    HiresSettings,
    FastLoraSlowSampler,
)
