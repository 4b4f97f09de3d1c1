"""The denoiser a picture is drawn with: network, conditioning per call, and guidance in one."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from irodori.engine.conditioning import BatchConditioning
from irodori.engine.denoiser import Parameterisation
from irodori.engine.guidance import Answers, Guidance, combined, perturbing
from irodori.engine.modules.attention import Attend, fused
from irodori.engine.network import Network
from irodori.engine.questions import Question, Questions
from irodori.engine.samplers.base import Guided


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawing:
    """All that decides what a network is asked at each call of a pass.

    Attributes:
        network: the UNet.
        parameterisation: what it predicts.
        conditioning: call number from 0 -> what each picture is told; the same object for calls
            that are told the same, so that its keys and values are computed once. It must answer
            beyond `calls` too: adaptive samplers and restarts ask more often.
        guidance: scales and when they act.
        calls: how many calls the pass is expected to take: 2 * steps for samplers of two calls.
        attend: how attention is computed.
        dtype: of the network's weights.
    """

    network: Network
    parameterisation: Parameterisation
    conditioning: Callable[[int], BatchConditioning]
    guidance: Guidance
    calls: int
    attend: Attend = fused
    dtype: torch.dtype = torch.float32


class GuidedDenoiser:
    """D(x; sigma) under guidance; counts its calls, so make a new one for every pass.

    Prompt and negative run in one batched call; at cfg scale 1 the negative is not computed.
    Implements `samplers.base.GuidedDenoiser`, so CFG++ samplers work with it.

    Args:
        drawing: what to ask at each call.

    Attributes:
        call: how many calls were made.
    """

    def __init__(self, drawing: Drawing) -> None:
        self.call = 0
        self._drawing = drawing
        self._questions = Questions(drawing.network, drawing.dtype)

    def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
        """Return the guided denoised latents, shape and dtype of x [B, 4, H/8, W/8]."""
        return self._ask(x, sigma, want_uncond=False).denoised

    def guided(self, x: Tensor, sigma: Tensor) -> Guided:
        """Return the guided and the negative prompt's denoised latents, each of x's shape."""
        return self._ask(x, sigma, want_uncond=True)

    def _ask(self, x: Tensor, sigma: Tensor, *, want_uncond: bool) -> Guided:
        """Return both predictions; uncond is the prompt's own where it was not wanted."""
        drawing, guidance, level = self._drawing, self._drawing.guidance, float(sigma)
        batch = drawing.conditioning(self.call)
        guides = guidance.guides(self.call, drawing.calls, level)
        self.call += 1
        needed = guides and any(guidance.needs_uncond(image.total_weight) for image in batch)
        question = self._questions.ask(
            batch,
            with_negative=want_uncond or needed,
            with_perturbed=guides and guidance.perturbed_scale != 0,
        )
        answers = self._answers(x, sigma, question)
        denoised, uncond = [], []
        for index in range(len(batch)):
            answer = question.answers_of(answers, index)
            uncond.append(answer.parts[0] if answer.uncond is None else answer.uncond)
            used = answer if guides else Answers(parts=answer.parts, weights=answer.weights)
            denoised.append(combined(used, guidance, x[index], level))
        return Guided(torch.stack(denoised), torch.stack(uncond))

    def _answers(self, x: Tensor, sigma: Tensor, question: Question) -> Tensor:
        """Return the denoised answer to every text, [count, 4, H/8, W/8]."""
        drawing, parameters = self._drawing, self._drawing.parameterisation
        network_input = parameters.network_input(x, sigma).to(drawing.dtype)
        t = parameters.timestep(sigma)
        answers = x.new_empty((question.count, *x.shape[1:]))
        for call in question.network_calls:
            rows, sites = call.rows, drawing.guidance.perturbed_sites
            output = drawing.network(
                network_input[rows.images],
                t.expand(len(rows.images)),
                rows.vector,
                call.context,
                perturbing(drawing.attend, call.perturbed, sites),
            )
            answers[rows.places] = parameters.denoised(x[rows.images], sigma, output.to(x.dtype))
        return answers
