"""Every example of the practice (P2-P21) yields the finding it describes, and no other warning.

A row is: section, prompt, negative prompt, and what is found: (code, the text it points at). Rows
about settings follow below. All rules run; hints that an example earns beside its own finding
stand in the row too, so that nothing is hidden.
"""

import pytest

from irodori.lint import LintInput, ModelFacts, NetworkFacts, Severity
from irodori.recipe import Base, Detailer, Hires, Img2Img, Noise, Recipe
from irodori.recipe.schedules import Schedule

CATCH_ALL = "lowres, bad anatomy, jpeg artifacts, signature, watermark, old, oldest, chibi"
PRAISE = "masterpiece, best quality, amazing quality, very aesthetic, absurdres, newest"
PERSONS = (
    "2girls, looking at viewer, smile, side-by-side, hand on another's shoulder, red shirt, jeans, "
    "fox ears, orange hair, cowboy shot, white background BREAK black hair, sundress, pointy ears"
)
HUG = (
    "1girl, 1boy, hug, sobbing, crying, streaming tears, head on chest, arms around waist, dress, "
    "green eyes, barefoot, pov"
)

Row = tuple[str, str, str, list[tuple[str, str]]]

ROWS: list[Row] = [
    # quality, people, character, action, appearance, background, composition, style
    ("P2", "1girl, solo, smile, long hair, city, cowboy shot, [:sketch:0.3]", "", []),
    ("P3", f"1girl, smile, {PRAISE}", "", [("QLT001", "masterpiece")]),
    ("P3", "1girl, smile", "bad quality, worst quality, worst detail", []),
    ("P3", "1girl, smile", CATCH_ALL,
     [("QLT002", "lowres"), ("NEG001", "chibi"), ("NEG006", "signature")]),
    ("P3", "1girl, white background", "simple background", [("NEG005", "simple background")]),
    ("P3", "1girl, grey background", "simple background", [("NEG005", "simple background")]),
    ("P3", "1girl, smile", "censor", [("QLT003", "censor")]),
    ("P4", "1girl, green eyes, green hair", "no pupils", []),
    ("P4", "1girl, smile", "2girls, 3girls, multiple girls", [("NEG003", "2girls")]),
    ("P4", "1girl, solo, smile", "long hair", [("NEG003", "long hair")]),
    ("P5", "1girl, grabbing own ankles", "", [("POP001", "grabbing own ankles")]),
    ("P5", "1girl, arm up, arm behind back", "", [("POP005", "arm behind back")]),
    ("P5", "1girl, (arm up:0.4), arm behind back", "", []),
    ("P6", "1girl, close-up, full body", "", [("VIS007", "full body")]),
    ("P6", "1girl, looking at viewer, from behind", "", [("VIS003", "looking at viewer")]),
    ("P6", "1girl, looking back, from behind", "", []),
    ("P6", "1girl, cowboy shot, close-up", "", [("VIS007", "close-up")]),
    ("P6", "1girl, closed eyes, black hair, blue eyes", "", [("VIS006", "blue eyes")]),
    ("P7", "1girl, green hair", "", [("BLD001", "green hair")]),
    ("P7", "1girl, green hair, blue eyes", "", []),
    ("P8", "1girl, school uniform", "", [("ASC001", "school uniform")]),
    ("P8", "1girl, mature female, school uniform", "", []),
    ("P9", "1girl, smile, general", "", []),
    ("P9", "1girl, smile, sensitive", "", [("RAT001", "sensitive")]),
    ("P9", "1girl, smile", "general", [("NEG002", "general")]),
    ("P10", "1girl, black jacket, open jacket", "", [("IMP003", "open jacket")]),
    ("P10", "1girl, black jacket, open jacket, white shirt", "", []),
    ("P11", "1girl, holding sword, katana", "", []),
    ("P12", "1girl, (smile:1.2), [blush], ((beret)), (long hair:0.5)", "", []),
    ("P12", "1girl, horror_(style)", "", [("SYN018", "horror_(style)")]),
    ("P6", "1girl, looking back, looking at viewer, from behind", "", []),
    ("P8", "1girl, katana", "", []),
    ("P12", "1girl, saber (fate)", "", [("SYN018", "saber (fate)")]),
    ("P12", "1girl, (smile", "", [("SYN001", "("), ("POP002", "(smile")]),
    ("P12", "1girl, [sitting:standing:0.2], [:hat:12], [smile::0.6]", "", []),
    ("P13", PERSONS, "extra ears, worst quality, bad quality", [("PPL003", "red shirt")]),
    ("P13", PERSONS.replace("fox ears", "animal ears"), "",
     [("PPL003", "red shirt"), ("PPL006", "animal ears")]),
    ("P13", PERSONS.replace("pointy ears", "elf"), "",
     [("PPL003", "red shirt"), ("PPL006", "elf")]),
    ("P13", "2girls, smile", "", [("PPL004", "2girls")]),
    ("P13", "2girls, hatsune miku, megurine luka, side-by-side", "", []),
    ("P13", "2girls, side-by-side BREAK hatsune miku BREAK red hair, blue eyes, dress", "",
     [("PPL007", "red hair")]),
    ("P14", "1girl, smile, [:traditional media:0.2]", "", []),
    ("P14", "1girl, smile, [:<lora:a:0.7>:0.2], [:<lora:b:0.4>:0.2]", "", []),
    ("P14", "1girl, smile, [:<lora:a:0.8>:0.2], [:<lora:b:0.6>:0.2]", "",
     [("STY002", "<lora:a:0.8>")]),
    ("P14", "1girl, traditional media, retro artstyle", "", [("STY003", "retro artstyle")]),
    ("P15", "1girl, [red hair:blue hair:0.5]", "", []),
    ("P15", "1girl, [red hair|blue hair]", "", [("STY007", "[red hair|blue hair]")]),
    ("P15", "1girl, red hair, blue hair, multicolored hair", "", []),
    ("P15", "1girl, red hair, blue hair", "", [("STY008", "blue hair")]),
    ("P20", "1girl, holding cane, cane", "", [("IMP002", "cane"), ("POP001", "holding cane")]),
]  # fmt: skip


@pytest.mark.parametrize(("section", "prompt", "negative", "expected"), ROWS)
def test_an_example_yields_what_it_describes(
    section: str, prompt: str, negative: str, expected: list[tuple[str, str]], lint
) -> None:
    texts = {"prompt": prompt, "negative_prompt": negative}
    found = [(one.code, one.span.of(texts[one.field])) for one in lint(prompt, negative)]
    assert sorted(found) == sorted(expected), section


def test_the_pov_hug_of_p6_hides_five_things_and_is_complex_by_p21(lint) -> None:
    grave = [one for one in lint(HUG) if one.severity is Severity.WARNING and one.code != "POP001"]
    assert {one.code for one in grave} == {"VIS004"}
    hidden = {one.span.of(HUG) for one in grave}
    assert hidden == {"green eyes", "streaming tears", "barefoot", "sobbing", "crying"}
    (complex_,) = [one for one in lint(HUG) if one.code == "CPX001"]
    assert complex_.evidence.startswith("redundant 5")
    mended = "1girl, 1boy, hug, head on chest, arms around waist, dress, pov, from above"
    codes = {one.code for one in lint(mended)}
    assert not [code for code in codes if code.startswith(("VIS", "CPX"))]


def drawn(prompt: str = "1girl, smile", **parts) -> Recipe:
    base = parts.pop("base", Base())
    return Recipe(prompt=prompt, noise=Noise(seed=1), base=base, detailers=(Detailer(),), **parts)


LCM = Base(sampler="LCM", schedule=Schedule.SGM_UNIFORM, steps=5, cfg_scale=1.5)
AYS = Base(schedule=Schedule.ALIGN_YOUR_STEPS, steps=12)
V = ModelFacts(prediction="v")
OHWX = ModelFacts(networks={"me": NetworkFacts(name="me", triggers=("ohwx",))})


@pytest.mark.parametrize(
    ("section", "recipe", "model", "expected"),
    [
        ("P1", drawn(), None, []),
        ("P1", drawn(hires=Hires(denoise=0.43, scale=1.65, steps=22)), None, []),
        ("P1", drawn(hires=Hires(denoise=0.7)), None, ["RCP013"]),
        ("P14", drawn("1girl, smile <lora:me:1>"), OHWX, ["STY005"]),
        ("P16", drawn(base=AYS), None, []),
        ("P16", drawn("3girls, hug, smile", base=AYS), None, ["RCP004"]),
        ("P16", drawn(base=Base(sampler="IPNDM_V", steps=60)), None, ["RCP003"]),
        ("P16", drawn("1girl, smile <lora:LCM_LORA:1>", base=LCM), None, []),
        ("P16", drawn(base=LCM), None, ["RCP005"]),
        ("P18", drawn(), V, ["RCP007"]),
        ("P18", drawn("1girl, dark", base=Base(schedule=Schedule.SGM_UNIFORM)), V, ["RCP008"]),
        ("P18", drawn(base=Base(width=1536, height=1536)), None, ["RCP010"]),
        ("P19", drawn(img2img=Img2Img(denoise=0.7)), None, []),
        ("P19", drawn(img2img=Img2Img(denoise=0.55)), None, ["RCP014"]),
    ],
)
def test_an_example_of_settings_yields_what_it_describes(
    section: str, recipe: Recipe, model: ModelFacts | None, expected: list[str], lint
) -> None:
    found = lint(LintInput.of(recipe, model))
    assert [one.code for one in found] == expected, section
