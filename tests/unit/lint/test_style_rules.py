"""STY: styles, artists, LoRAs and blends."""

from dataclasses import replace

import pytest

from irodori.lint import LintInput, ModelFacts, NetworkFacts, Severity

STYLES = ModelFacts(
    networks={name: NetworkFacts(name=name, is_style=True) for name in ("ink_style", "oil", "flat")}
)


@pytest.fixture
def found(lint):
    def run(prompt: str, model: ModelFacts | None = None) -> list[tuple[str, str]]:
        source = LintInput(prompt=prompt, model=model)
        return [(one.code, prompt[slice(*one.span)]) for one in lint(source, only=("STY",))]

    return run


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("1girl, solo, smile", []),
        ("1girl, traditional media", []),
        ("1girl, [:traditional media:0.2], [:retro artstyle:0.3]", []),
        ("1girl, [:pixel art:0.5]", []),
        ("1girl, [:pixel art:0.55]", [("STY009", "pixel art")]),
        ("1girl, [pixel art::0.8]", []),
        ("1girl, [smile:grin:0.8]", []),
        ("1girl, [:<lora:a:0.7>:0.7]", [("STY009", "<lora:a:0.7>")]),
        ("1girl, [traditional media:realistic:0.7]", [("STY009", "realistic")]),
        ("1girl, traditional media, realistic", [("STY003", "realistic")]),
        ("1girl <lora:a:0.7>", []),
        ("1girl, [:<lora:a:0.7>:0.2] <lora:b:0.4>", []),
        ("1girl <lora:a:0.7> <lora:b:0.4>", [("STY003", "<lora:b:0.4>")]),
        ("1girl [:<lora:a:0.9>:0.2] [:<lora:b:0.8>:0.2]", [("STY002", "<lora:a:0.9>")]),
        # 1.3 is still within
        ("1girl [:<lora:a:0.9>:0.2] [:<lora:b:0.4>:0.2]", []),
        ("1girl [:<lora:a:0.3>:0.2] [:<lora:b:0.3>:0.2] [:<lora:c:0.3>:0.2]",
         [("STY001", "<lora:c:0.3>")]),
        # an accelerator is no style
        ("1girl <lora:a:0.7> <lora:LCM_LORA:1>", []),
        ("1girl <lora:a:0>  <lora:b:0.7>", []),
        ("1girl, [red hair|blue hair]", [("STY007", "[red hair|blue hair]")]),
        ("1girl, [red hair:blue hair:0.5]", []),
        ("1girl, [hat|cap|beret]", [("STY007", "[hat|cap|beret]")]),
        ("1girl, red hair, blue hair", [("STY008", "blue hair")]),
        ("1girl, red hair, blue hair, multicolored hair", []),
        ("1girl, red hair, streaked hair", []),
        ("1girl, red eyes, blue eyes", [("STY008", "blue eyes")]),
        ("1girl, red eyes, blue eyes, heterochromia", []),
        ("2girls, red hair, blue hair", []),
        ("1girl, miura kentarou", [("STY004", "miura kentarou")]),
    ],
)  # fmt: skip
def test_rules_on_style(prompt: str, expected: list[tuple[str, str]], found) -> None:
    assert found(prompt) == expected


@pytest.mark.parametrize(
    ("prompt", "code"),
    [
        ("1girl <lora:ink_style:0.3> <lora:oil:0.3> <lora:flat:0.3>", "STY001"),
        ("1girl <lora:ink_style:0.9> <lora:oil:0.9>", "STY002"),
    ],
)
def test_loras_that_say_they_are_styles_make_warnings(prompt: str, code: str, lint) -> None:
    known = LintInput(prompt=prompt, model=STYLES)
    (sure,) = lint(known, only=(code,))
    (guess,) = lint(replace(known, model=None), only=(code,))
    assert (sure.severity, guess.severity) == (Severity.WARNING, Severity.HINT)


def test_a_lora_that_is_no_style_is_not_counted(found) -> None:
    person = ModelFacts(networks={"miku": NetworkFacts(name="miku", is_style=False)})
    assert found("1girl <lora:miku:1> <lora:b:0.4>", person) == []


def test_the_trigger_word_is_missed_and_written(lint) -> None:
    model = ModelFacts(networks={"me": NetworkFacts(name="me", triggers=("ohwx_girl", "me (x)"))})
    prompt = "1girl, smile <lora:me:0.8>"
    (one,) = lint(LintInput(prompt=prompt, model=model), only=("STY005",))
    edit = one.fixes[0].edits[0]
    mended = prompt[: edit.span.start] + edit.text + prompt[edit.span.end :]
    assert mended == "1girl, smile, ohwx_girl,  <lora:me:0.8>"
    for cured in (mended, r"1girl, Me \(x\) <lora:me:0.8>", "1girl, (ohwx girl:1.1) <lora:me:1>"):
        assert lint(LintInput(prompt=cured, model=model), only=("STY005",)) == ()


def test_artists_are_judged_by_their_own_thresholds(lint) -> None:
    (rare,) = lint("1girl, miura kentarou", only=("STY004",))
    (some,) = lint("1girl, toriyama akira", only=("STY004",))
    assert (rare.severity, some.severity) == (Severity.WARNING, Severity.HINT)
    assert "51 pictures" in rare.message
    assert "2026-07-01" in rare.evidence
    assert lint("1girl, toriyama akira", only=("STY004",), sty={"artist-good": 200}) == ()


def test_late_entry_is_offered_for_all_but_the_first(lint) -> None:
    prompt = "1girl, traditional media, (realistic:0.8)"
    (one,) = lint(prompt, only=("STY003",))
    edit = one.fixes[0].edits[0]
    mended = prompt[: edit.span.start] + edit.text + prompt[edit.span.end :]
    assert mended == "1girl, traditional media, [:(realistic:0.8):0.2]"
    assert lint(mended, only=("STY003",)) == ()
