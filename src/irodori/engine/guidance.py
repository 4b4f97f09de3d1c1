"""Guidance: from the network's answers to several texts to one denoised batch.

Source: Ho and Salimans 2022, arXiv:2207.12598, equation 6 (CFG); Liu et al. 2022,
arXiv:2206.01714, equation 11 (AND, in A1111's form); Lin et al. 2024, arXiv:2305.08891,
section 3.4 (rescale); Ahn et al. 2024, arXiv:2403.17377, equation 15 (perturbed attention).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from irodori.engine.modules.attention import Attend, Site
from irodori.errors import RecipeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """How strongly, and when, the prompt pulls away from the negative prompt.

    Attributes:
        cfg_scale: 1 is no guidance: the negative prompt is not even computed.
        rescale_phi: 0..1, how much of the contrast that guidance adds is taken back; 0.7 suits
            v-prediction models. 0 is off.
        start: fraction of the calls, 0..1; up to and including it there is no guidance ("Skip
            Early CFG"). 0 is off.
        end: fraction of the calls, 0..1; from it on there is no guidance. 1 is off.
        minimum_sigma: below it, every other call runs without guidance (NGMS). 0 is off.
        every_call: NGMS on every call below the sigma, not every other.
        perturbed_scale: strength of perturbed-attention guidance; 3 is the authors'. 0 is off.
        perturbed_sites: beginnings of the names of the self-attentions that it perturbs.

    Raises:
        RecipeError: a fraction is outside 0..1 or start is above end.
    """

    cfg_scale: float = 5.0
    rescale_phi: float = 0.0
    start: float = 0.0
    end: float = 1.0
    minimum_sigma: float = 0.0
    every_call: bool = False
    perturbed_scale: float = 0.0
    perturbed_sites: tuple[str, ...] = ("middle_block",)

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end <= 1:
            raise RecipeError(
                f"guidance needs 0 <= start <= end <= 1, got {self.start} and {self.end}"
            )
        if not 0 <= self.rescale_phi <= 1:
            raise RecipeError(f"rescale phi must be in 0..1, got {self.rescale_phi}")

    def guides(self, call: int, calls: int, sigma: float) -> bool:
        """Return whether call number `call` (from 0) of `calls` at sigma is guided."""
        early = self.start > 0 and call / calls <= self.start
        alternate = self.every_call or call % 2 == 1
        low = self.minimum_sigma > 0 and sigma < self.minimum_sigma and alternate
        return not (early or low or self.is_over(call, calls))

    def is_over(self, call: int, calls: int) -> bool:
        """Return whether guidance has ended for good before call number `call` of `calls`."""
        return self.end < 1 and call / calls >= self.end

    def needs_uncond(self, total_weight: float) -> bool:
        """Return whether the negative prompt has any weight: not at cfg scale 1 of one prompt."""
        return self.cfg_scale * total_weight != 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """One picture's denoised answers, each [4, H/8, W/8].

    Attributes:
        parts: one per AND part.
        weights: of the parts.
        uncond: of the negative prompt; None where it was not computed.
        perturbed: one per part, with perturbed attention; empty when that is off.
    """

    parts: Sequence[Tensor]
    weights: Sequence[float]
    uncond: Tensor | None = None
    perturbed: Sequence[Tensor] = ()

    def of_the_prompt_alone(self) -> "Answers":
        """Return them without the negative prompt's and the perturbed ones."""
        return Answers(parts=self.parts, weights=self.weights)


def combined(answers: Answers, guidance: Guidance, x: Tensor, sigma: float) -> Tensor:
    """Return one picture's guided denoised latents.

    `u + cfg * sum_i w_i (p_i - u)`, A1111's form, then perturbed attention and rescale. Where u was
    not computed, the first part stands in for it: at cfg * sum(w) = 1 that changes nothing, and
    in a call without guidance it leaves a plain prompt's own answer.

    Args:
        answers: what the network said.
        guidance: scales.
        x: [4, H/8, W/8], the noisy latents.
        sigma: their noise level.
    """
    base = answers.parts[0] if answers.uncond is None else answers.uncond
    others = [base] * len(answers.parts)
    towards = _weighted_differences(answers.weights, answers.parts, others)
    guided = torch.add(base, towards, alpha=guidance.cfg_scale)
    if answers.perturbed:
        lost = _weighted_differences(answers.weights, answers.parts, answers.perturbed)
        guided = torch.add(guided, lost, alpha=guidance.perturbed_scale)
    if guidance.rescale_phi > 0:
        guided = rescaled(guided, base + towards, x, sigma, phi=guidance.rescale_phi)
    return guided


def blended(answers: Answers) -> Tensor:
    """Return the mean of one picture's parts by their weights: what AND means without guidance.

    Parts of negative weight push away, which only guidance can: they have no say. A plain prompt's
    answer is returned as it is.
    """
    pulling = [
        (weight, part)
        for weight, part in zip(answers.weights, answers.parts, strict=True)
        if weight > 0
    ]
    if len(pulling) < 2:
        return pulling[0][1] if pulling else answers.parts[0]
    total = sum(weight for weight, _ in pulling)
    mean = pulling[0][1] * (pulling[0][0] / total)
    for weight, part in pulling[1:]:
        mean = torch.add(mean, part, alpha=weight / total)
    return mean


def rescaled(guided: Tensor, cond: Tensor, x: Tensor, sigma: float, *, phi: float) -> Tensor:
    """Return guided with the spread that cond has as a v prediction, mixed in by phi.

    Guidance stretches the prediction, which over-exposes pictures of zero-terminal-SNR models.
    Both are made v, the guided one is scaled to cond's standard deviation over all its values,
    and phi of the result is mixed with 1 - phi of what it was.

    Args:
        guided: [4, H/8, W/8], denoised.
        cond: the same without guidance.
        x: the noisy latents.
        sigma: their noise level, positive.
        phi: 0..1.
    """
    to_v = (sigma**2 + 1) ** 0.5 / sigma
    level = x / (sigma**2 + 1)
    v_guided: Tensor = (level - guided) * to_v
    v_cond: Tensor = (level - cond) * to_v
    v = torch.lerp(v_guided, v_guided * (v_cond.std() / v_guided.std()), phi)
    result: Tensor = level - v / to_v
    return result


def perturbing(attend: Attend, rows: int, sites: tuple[str, ...]) -> Attend:
    """Return an attention that lets the last rows of a batch see only themselves at some sites.

    A self-attention map becomes the identity, so that each place keeps its own value: the picture
    loses its structure there, and guidance pulls away from that. Source: arXiv:2403.17377,
    equation 13.

    Args:
        attend: the attention to use otherwise.
        rows: how many rows of the batch, counted from its end, are perturbed; 0 changes nothing.
        sites: beginnings of names of attentions.
    """
    if rows == 0:
        return attend

    def attend_perturbed(q: Tensor, k: Tensor, v: Tensor, site: Site) -> Tensor:
        if site.cross or not site.name.startswith(sites):
            return attend(q, k, v, site)
        kept = len(q) - rows
        if kept == 0:
            return v
        return torch.cat([attend(q[:kept], k[:kept], v[:kept], site), v[kept:]])

    return attend_perturbed


def _weighted_differences(
    weights: Sequence[float], parts: Sequence[Tensor], others: Sequence[Tensor]
) -> Tensor:
    """Return sum_i w_i (p_i - o_i)."""
    total = (parts[0] - others[0]) * weights[0]
    for weight, part, other in zip(weights[1:], parts[1:], others[1:], strict=True):
        total = torch.add(total, part - other, alpha=weight)
    return total
