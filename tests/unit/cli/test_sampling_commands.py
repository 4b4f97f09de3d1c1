"""`irodori samplers` and `irodori sigmas`."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from irodori.cli.chart import Axes, Curve, line_chart, small_multiples, svg_text, ticks
from irodori.cli.main import root
from irodori.errors import OutputError, RecipeError, UnknownNameError
from irodori.recipe.samplers import SAMPLERS
from irodori.recipe.schedules import SCHEDULES


def run(*arguments: str) -> Result:
    return CliRunner().invoke(root, arguments)


def answer(*arguments: str) -> dict[str, object]:
    result = run("sigmas", "--json", *arguments)
    assert result.exit_code == 0, result.output
    loaded = json.loads(result.stdout)
    assert isinstance(loaded, dict)
    return loaded


def test_samplers_are_all_listed() -> None:
    listed = json.loads(run("samplers", "--json").stdout)
    assert [each["name"] for each in listed["samplers"]] == [info.name for info in SAMPLERS]
    assert [each["name"] for each in listed["schedules"]] == [info.name for info in SCHEDULES]
    table = run("samplers").stdout
    for name in ("DPM++ 3M SDE", "IPNDM_V", "DEIS", "SGM Uniform", "best 60"):
        assert name in table


def test_one_sampler_is_told_in_full() -> None:
    told = run("samplers", "k_deis").stdout
    assert told.startswith("DEIS\n")
    assert "2204.13902" in told
    assert "option order = 3 (1 to 4)" in told
    assert "(on or off)" in told


def test_json_has_no_infinity() -> None:
    text = run("samplers", "--json", "Euler").stdout
    assert "Infinity" not in text
    options = json.loads(text)["samplers"][0]["options"]
    assert {option["name"]: option["high"] for option in options}["s_churn"] is None


def test_sigmas_are_those_of_the_sampler_and_schedule() -> None:
    karras = answer("--sampler", "DPM++ 2M Karras", "--steps", "28")
    assert karras["schedule"] == "Karras"
    assert karras["steps"] == karras["calls"] == 28
    sigmas = karras["sigmas"]
    assert isinstance(sigmas, list)
    assert sigmas[:2] == pytest.approx([14.614641, 12.525231], rel=1e-6)
    assert answer("--sampler", "k_dpmpp_2m", "--schedule", "KARRAS")["sigmas"] == sigmas


def test_what_is_odd_is_remarked() -> None:
    burnt = answer("--schedule", "karras", "--prediction", "v", "--ztsnr")
    assert "SGM Uniform (P18)" in str(burnt["remarks"])
    assert max(burnt["sigmas"]) == pytest.approx(4518.76, rel=1e-5)
    suits = answer("--sampler", "DEIS", "--schedule", "sgm_uniform", "--prediction", "v")
    assert "suit v-prediction" in str(suits["remarks"])
    assert "trace of noise" in str(answer("--schedule", "kl_optimal")["remarks"])
    assert "28 steps asked, 29 come" in str(answer("--schedule", "ddim")["remarks"])
    assert "its levels" in str(answer("--sampler", "DPM adaptive")["remarks"])
    assert "predict v" in str(answer("--sampler", "Euler", "--ztsnr")["remarks"])


def test_img2img_and_compat_and_custom_lists() -> None:
    assert answer("--steps", "20", "--denoise", "0.4")["steps"] == 9
    assert answer("--steps", "20", "--denoise", "0.4", "--exact")["steps"] == 20
    assert answer("--sampler", "DDIM", "--steps", "20", "--compat", "a1111")["calls"] == 19
    custom = answer("--schedule", "custom", "--custom", "14, 3,0.5", "--steps", "3")
    assert custom["sigmas"] == [14.0, 3.0, 0.5, 0.0]
    assert run("sigmas", "--schedule", "custom", "--custom", "14;3").exit_code == 2


def test_text_shows_sigmas_and_times() -> None:
    result = run("sigmas", "--sampler", "Euler", "--steps", "3", "--schedule", "kl_optimal")
    assert "Euler, KL Optimal: 3 steps, 3 calls" in result.stdout
    assert "sigma    14.614641  t  999.00" in result.stdout
    assert "note: KL Optimal ends" in result.stderr


def test_unknown_names_name_the_nearest() -> None:
    for arguments, nearest in (
        (("--sampler", "DPM++ 3M"), "DPM++ 3M SDE"),
        (("--schedule", "karas"), "Karras"),
    ):
        error = run("sigmas", *arguments).exception
        assert isinstance(error, UnknownNameError)
        assert error.nearest == nearest


@pytest.mark.parametrize("schedule", ["karras", "kl_optimal"])
def test_plots_are_written(tmp_path: Path, schedule: str) -> None:
    svg, png = tmp_path / "a.svg", tmp_path / "a.png"
    for target in (svg, png):
        result = run("sigmas", "--schedule", schedule, "--steps", "12", "--plot", str(target))
        assert result.exit_code == 0
    drawn = ElementTree.fromstring(svg.read_text())  # noqa: S314  # our own text
    circles = drawn.findall(".//{*}circle")
    assert len(circles) >= 12
    with Image.open(png) as image:
        assert image.width > 1000
        assert len(image.getcolors(maxcolors=1 << 20) or []) > 2


def test_a_plot_that_cannot_be_is_refused(tmp_path: Path) -> None:
    assert isinstance(run("sigmas", "--plot", str(tmp_path / "a.gif")).exception, RecipeError)
    missing = run("sigmas", "--plot", str(tmp_path / "no" / "a.svg")).exception
    assert isinstance(missing, OutputError)
    none = run("sigmas", "--denoise", "0", "--plot", str(tmp_path / "a.svg")).exception
    assert isinstance(none, RecipeError)


def test_ticks_are_round() -> None:
    assert ticks(0.03, 14.6, log=True) == [0.1, 1.0, 10.0]
    assert ticks(0, 28, log=False) == [0, 5, 10, 15, 20, 25]
    assert ticks(0, 1, log=False) == [0, 0.2, 0.4, 0.6, 0.8, 1.0]


def test_charts_draw_every_curve_and_escape_names() -> None:
    curves = [
        Curve(name=f"a<{index}>", x=(1.0, 2.0, 4.0), y=(1.0, 0.1 + index, 3.0), dots=False)
        for index in range(9)
    ]
    axes = Axes(title="t & t", x_label="x", y_label="y", log_x=True)
    for drawing in (line_chart(curves, axes), small_multiples(curves, axes)):
        text = svg_text(drawing)
        assert "t &amp; t" in text
        root_element = ElementTree.fromstring(text)  # noqa: S314  # our own text
        words = [each.text for each in root_element.findall(".//{*}text")]
        assert {f"a<{index}>" for index in range(9)} <= set(words)
    flat = [Curve(name="one", x=(1.0,), y=(2.0,))]
    assert "one" in svg_text(line_chart(flat, Axes(title="", x_label="", y_label="")))
