"""RCP: every row of the practice on samplers, passes and newer models."""

from dataclasses import replace

import pytest

from irodori.lint import Field, LintInput, ModelFacts, NetworkFacts, Severity
from irodori.recipe import (
    Base,
    Detailer,
    FileIdentity,
    Hires,
    Img2Img,
    Inpaint,
    Model,
    Noise,
    Overrides,
    Recipe,
    Refiner,
)
from irodori.recipe.names import Prediction
from irodori.recipe.schedules import Schedule

FACE = (Detailer(),)


def recipe(prompt: str = "1girl, solo, smile", negative: str = "", **parts) -> Recipe:
    base = parts.pop("base", Base())
    return Recipe(prompt=prompt, negative_prompt=negative, noise=Noise(seed=1), base=base, **parts)


@pytest.fixture
def codes(lint):
    def run(drawn: Recipe, model: ModelFacts | None = None, **more) -> list[str]:
        found = lint(LintInput.of(drawn, model), only=("RCP",), **more)
        return [one.code for one in found]

    return run


def test_the_baseline_is_silent(codes) -> None:
    assert codes(recipe(detailers=FACE)) == []
    assert codes(recipe(detailers=FACE, hires=Hires())) == []
    for width, height in ((1216, 832), (1024, 1024)):
        assert codes(recipe(base=Base(width=width, height=height))) == []


@pytest.mark.parametrize(
    ("sampler", "schedule", "steps"),
    [
        ("DPM++ 2M", Schedule.KARRAS, 28),
        ("DPM++ 2M", Schedule.ALIGN_YOUR_STEPS, 10),
        ("DPM++ 2M", Schedule.ALIGN_YOUR_STEPS, 12),
        ("DPM++ 3M SDE", Schedule.EXPONENTIAL, 40),
        ("DPM++ 3M SDE", Schedule.EXPONENTIAL, 80),
        ("IPNDM", Schedule.AUTOMATIC, 60),
        ("IPNDM", Schedule.NORMAL, 70),
        ("IPNDM_V", Schedule.KARRAS, 15),
        ("IPNDM_V", Schedule.EXPONENTIAL, 40),
        ("DEIS", Schedule.SGM_UNIFORM, 40),
        ("DEIS", Schedule.SGM_UNIFORM, 60),
        ("Euler", Schedule.NORMAL, 28),
        ("Euler a", Schedule.KARRAS, 28),
        ("Euler a", Schedule.BETA, 30),
        ("UniPC", Schedule.UNIFORM, 9),  # the practice says nothing of it
    ],
)
def test_every_row_of_the_table_is_silent(
    sampler: str, schedule: Schedule, steps: int, codes
) -> None:
    assert codes(recipe(base=Base(sampler=sampler, schedule=schedule, steps=steps))) == []


@pytest.mark.parametrize(
    ("sampler", "schedule", "steps", "code"),
    [
        ("DPM++ 2M", Schedule.EXPONENTIAL, 28, "RCP001"),
        ("DEIS", Schedule.KARRAS, 40, "RCP001"),
        ("IPNDM", Schedule.KARRAS, 60, "RCP001"),
        ("DPM++ 2M", Schedule.KARRAS, 12, "RCP002"),
        ("DPM++ 2M", Schedule.KARRAS, 50, "RCP002"),
        ("DPM++ 2M", Schedule.ALIGN_YOUR_STEPS, 28, "RCP002"),
        ("DPM++ 3M SDE", Schedule.EXPONENTIAL, 39, "RCP002"),
        ("DPM++ 3M SDE", Schedule.EXPONENTIAL, 81, "RCP002"),
        ("IPNDM", Schedule.NORMAL, 20, "RCP002"),
        ("IPNDM_V", Schedule.KARRAS, 14, "RCP002"),
        ("IPNDM_V", Schedule.KARRAS, 41, "RCP003"),
        ("DEIS", Schedule.SGM_UNIFORM, 61, "RCP002"),
        ("Euler", Schedule.NORMAL, 8, "RCP002"),
    ],
)
def test_every_bound_of_the_table_is_found(
    sampler: str, schedule: Schedule, steps: int, code: str, codes
) -> None:
    base = Base(sampler=sampler, schedule=schedule, steps=steps)
    assert codes(recipe(base=base)) == [code]


def test_a_finding_on_settings_has_no_place_in_a_text(lint) -> None:
    drawn = recipe(base=Base(sampler="IPNDM_V", steps=41))
    (one,) = lint(LintInput.of(drawn), only=("RCP",))
    assert (one.field, tuple(one.span)) == (Field.RECIPE, (0, 0))
    assert one.severity is Severity.WARNING


def test_rules_on_recipes_are_silent_without_one(lint) -> None:
    assert lint("3girls, side-by-side, full body", only=("RCP",)) == ()


AYS = Base(schedule=Schedule.ALIGN_YOUR_STEPS, steps=12)
LCM = Base(sampler="LCM", schedule=Schedule.SGM_UNIFORM, steps=5, cfg_scale=1.5)
WITH_LORA = "1girl, smile <lora:LCM_LORA:1>"


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [
        (recipe("2girls, hug", base=AYS), []),
        (recipe("3girls, hug", base=AYS, detailers=FACE), ["RCP004"]),
        (recipe("multiple girls, multiple boys, hug", base=AYS, detailers=FACE), ["RCP004"]),
        (recipe(WITH_LORA, base=LCM), []),
        (recipe(base=LCM), ["RCP005"]),
        (recipe("1girl, smile <lora:LCM_LORA:0.4>", base=LCM), ["RCP005"]),
        (recipe(WITH_LORA, base=replace(LCM, cfg_scale=5.0)), ["RCP006"]),
        (recipe(WITH_LORA, base=replace(LCM, steps=28)), ["RCP006"]),
        (recipe(WITH_LORA), ["RCP019"]),
        (recipe(base=Base(width=1536, height=1024)), ["RCP010"]),
        (recipe(base=Base(width=512, height=512)), ["RCP010"]),
        (recipe(base=Base(clip_skip=1)), ["RCP011"]),
        (recipe(base=Base(cfg_scale=12.0)), ["RCP012"]),
        (recipe(base=Base(cfg_scale=4.5)), []),
        (recipe(base=Base(cfg_scale=1.0)), ["RCP012"]),
        (recipe(hires=Hires(denoise=0.6)), ["RCP013"]),
        (recipe(hires=Hires(denoise=0.2)), ["RCP013"]),
        (recipe(hires=Hires(denoise=0.6, upscaler="Latent")), []),
        (recipe(img2img=Img2Img(denoise=0.7)), []),
        (recipe(img2img=Img2Img(denoise=0.4)), []),
        (recipe(img2img=Img2Img(denoise=0.15)), []),
        (recipe(img2img=Img2Img(denoise=0.0)), []),  # how a finished picture's hires begins
        (recipe(img2img=Img2Img(denoise=0.05)), ["RCP014"]),
        (recipe(img2img=Img2Img(denoise=0.58)), ["RCP014"]),
        (recipe(img2img=Img2Img(denoise=0.95)), ["RCP014"]),
        (recipe(img2img=Img2Img(denoise=0.95), inpaint=Inpaint()), []),
        (recipe("1girl, solo, full body"), ["RCP015"]),
        (recipe("1girl, solo, full body", detailers=FACE), []),
        (recipe("3girls, side-by-side"), ["RCP015"]),
        (recipe("1girl, full body, facing away"), []),
        (recipe("no humans, wide shot, scenery"), []),
        (recipe(detailers=(Detailer(denoise=0.7),)), ["RCP016"]),
        (
            recipe(refiner=Refiner(checkpoint=FileIdentity(name="b"), switch_at=0.05)),
            ["RCP017"],
        ),
        (recipe(refiner=Refiner(checkpoint=FileIdentity(name="b"), switch_at=0.1)), []),
        (recipe(hires=Hires(scale=3.0)), ["RCP018"]),
        (recipe(hires=Hires(steps=5)), ["RCP018"]),
    ],
)
def test_rules_on_recipes(drawn: Recipe, expected: list[str], codes) -> None:
    assert codes(drawn) == expected


def test_the_negative_prompt_is_unused_at_cfg_one(lint) -> None:
    drawn = recipe(negative="worst quality", base=Base(cfg_scale=1.0))
    (one,) = lint(LintInput.of(drawn), only=("RCP012",))
    assert one.message == "CFG 1 does not use the negative prompt"


V = ModelFacts(prediction="v")


@pytest.mark.parametrize(
    ("sampler", "schedule", "steps", "expected"),
    [
        ("DPM++ 2M", Schedule.KARRAS, 28, ["RCP007"]),
        ("Euler a", Schedule.KARRAS, 28, ["RCP007"]),
        ("DPM++ 2M", Schedule.SGM_UNIFORM, 28, []),
        ("Euler a", Schedule.NORMAL, 28, []),
        ("DEIS", Schedule.SGM_UNIFORM, 40, []),
        ("IPNDM_V", Schedule.SGM_UNIFORM, 40, []),
    ],
)
def test_v_prediction_wants_other_schedules(
    sampler: str, schedule: Schedule, steps: int, expected: list[str], codes
) -> None:
    base = Base(sampler=sampler, schedule=schedule, steps=steps)
    assert codes(recipe(base=base), V) == expected


def test_v_prediction_is_known_from_file_recipe_and_profile(codes) -> None:
    asked = recipe(model=Model(prediction=Prediction.V))
    assert codes(recipe(), V) == ["RCP007"]
    assert codes(asked) == ["RCP007"]
    assert codes(recipe(), profile="noobai-vpred") == ["RCP007"]
    # what the file says goes first
    assert codes(recipe(), ModelFacts(prediction="eps"), profile="noobai-vpred") == []


def test_the_hires_pass_of_a_v_prediction_model_is_looked_at_too(lint) -> None:
    own = Overrides(sampler="DPM++ 2M", schedule=Schedule.KARRAS)
    base = Base(schedule=Schedule.SGM_UNIFORM)
    (one,) = lint(LintInput.of(recipe(base=base, hires=Hires(own=own)), V), only=("RCP007",))
    assert one.message.startswith("hires: ")
    same = recipe(hires=Hires())
    assert len(lint(LintInput.of(same, V), only=("RCP007",))) == 1  # said once for both passes


def test_a_recipe_that_contradicts_the_file_is_an_error(lint) -> None:
    drawn = recipe(model=Model(prediction=Prediction.EPS), base=Base(schedule=Schedule.SGM_UNIFORM))
    (one,) = lint(LintInput.of(drawn, V), only=("RCP",))
    assert (one.code, one.severity) == ("RCP009", Severity.ERROR)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("1girl, dark, smile", [("dark", Severity.WARNING)]),
        ("1girl, day", [("day", Severity.WARNING)]),
        ("1girl, (dark:0.5)", [("dark", Severity.HINT)]),
        ("1girl, sparkle", [("sparkle", Severity.HINT)]),
        ("1girl, outdoors, smile", []),
    ],
)
def test_light_over_exposes_with_v_prediction(
    prompt: str, expected: list[tuple[str, Severity]], lint
) -> None:
    found = lint(LintInput(prompt=prompt, model=V), only=("RCP008",))
    assert [(prompt[slice(*one.span)].strip("("), one.severity) for one in found] == expected
    assert lint(prompt, only=("RCP008",)) == ()


def test_sizes_are_measured_against_what_the_model_was_trained_at(codes) -> None:
    small = recipe("1girl, solo, full body", base=Base(width=128, height=192))
    assert codes(small, ModelFacts(native_side=160)) == []
    assert "RCP010" in codes(small)
    assert codes(small, ModelFacts(native_side=512, sizes=((128, 192),)))[:1] != ["RCP010"]
    assert codes(recipe(base=Base(width=1536, height=1024)), profile="illustrious-1.x") == []


def test_a_lora_is_lcm_by_what_its_file_says(codes) -> None:
    model = ModelFacts(networks={"swift": NetworkFacts(name="swift", is_lcm=True)})
    assert codes(recipe("1girl <lora:swift:1>", base=LCM), model) == []
