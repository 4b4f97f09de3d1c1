"""The denoiser a picture is drawn with: network, conditioning per call, and guidance in one."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from irodori.engine.conditioning import BatchConditioning
from irodori.engine.denoiser import Parameterisation
from irodori.engine.guidance import Answers, Guidance, blended, combined, perturbing
from irodori.engine.modules.attention import Attend, fused
from irodori.engine.network import Network
from irodori.engine.questions import Question, Questions
from irodori.engine.samplers.base import Guided


def _nothing(call: int) -> None:
    """Do nothing before a call."""


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
        beside: [B, C, H/8, W/8], what the network sees beside the latents, unscaled: mask and
            masked picture of inpainting checkpoints. None for networks that see latents only.
        before_call: told the number of each call before anything is asked: networks on the
            weights change their strength there.
    """

    network: Network
    parameterisation: Parameterisation
    conditioning: Callable[[int], BatchConditioning]
    guidance: Guidance
    calls: int
    attend: Attend = fused
    dtype: torch.dtype = torch.float32
    beside: Tensor | None = None
    before_call: Callable[[int], None] = _nothing


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Asked:
    """One call's answers, per picture, whether guidance acts on them, and whether it is over."""

    answers: tuple[Answers, ...]
    guides: bool
    is_over: bool


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
        return self._combined(self._ask(x, sigma, want_uncond=False), x, float(sigma))

    def guided(self, x: Tensor, sigma: Tensor) -> Guided:
        """Return the guided and the negative prompt's denoised latents, each of x's shape."""
        asked = self._ask(x, sigma, want_uncond=True)
        uncond = [answers.uncond for answers in asked.answers if answers.uncond is not None]
        return Guided(self._combined(asked, x, float(sigma)), torch.stack(uncond))

    def _ask(self, x: Tensor, sigma: Tensor, *, want_uncond: bool) -> _Asked:
        """Return every picture's answers at this call."""
        drawing, guidance = self._drawing, self._drawing.guidance
        drawing.before_call(self.call)
        batch = drawing.conditioning(self.call)
        guides = guidance.guides(self.call, drawing.calls, float(sigma))
        is_over = guidance.is_over(self.call, drawing.calls)
        self.call += 1
        needed = guides and any(guidance.needs_uncond(image.total_weight) for image in batch)
        question = self._questions.ask(
            batch,
            with_negative=want_uncond or needed,
            with_perturbed=guides and guidance.perturbed_scale != 0,
        )
        found = self._answers(x, sigma, question)
        answers = tuple(question.answers_of(found, index) for index in range(len(batch)))
        return _Asked(answers=answers, guides=guides, is_over=is_over)

    def _combined(self, asked: _Asked, x: Tensor, sigma: float) -> Tensor:
        """Return every picture's guided answer, or its prompt's own in a call without guidance."""
        guidance = self._drawing.guidance
        images = []
        for index, answers in enumerate(asked.answers):
            if asked.is_over:
                images.append(blended(answers))
                continue
            used = answers if asked.guides else answers.of_the_prompt_alone()
            images.append(combined(used, guidance, x[index], sigma))
        return torch.stack(images)

    def _answers(self, x: Tensor, sigma: Tensor, question: Question) -> Tensor:
        """Return the denoised answer to every text, [count, 4, H/8, W/8]."""
        drawing, parameters = self._drawing, self._drawing.parameterisation
        t = parameters.timestep(sigma)
        denoised = []
        for call in question.network_calls:
            rows = call.rows
            noisy = x.index_select(0, rows.images)
            seen = parameters.network_input(noisy, sigma)
            if drawing.beside is not None:
                seen = torch.cat((seen, drawing.beside.index_select(0, rows.images)), 1)
            output = drawing.network(
                seen.to(drawing.dtype),
                t.expand(len(noisy)),
                rows.vector,
                call.context,
                perturbing(drawing.attend, call.perturbed, drawing.guidance.perturbed_sites),
            )
            denoised.append(parameters.denoised(noisy, sigma, output.to(x.dtype)))
        if len(denoised) == 1:  # its rows are in asking order
            return denoised[0]
        answers = x.new_empty((question.count, *x.shape[1:]))
        for call, clean in zip(question.network_calls, denoised, strict=True):
            answers[call.rows.places] = clean
        return answers
