"""`irodori explain` and `irodori convert`, run as a person would."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner, Result

from irodori.cli.main import root


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(root, arguments, input=stdin)


def explained(*arguments: str) -> dict[str, object]:
    result = run("explain", "--json", *arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


class TestExplainJson:
    def test_has_exactly_its_keys(self) -> None:
        assert list(explained("1girl")) == [
            "schedule",
            "hires_schedule",
            "emphasis",
            "parts",
            "networks",
            "chunks",
            "diagnostics",
        ]

    def test_schedule_of_both_passes(self) -> None:
        data = explained("[a:b:0.5], [c:d:1.5]", "--steps", "20", "--hires-steps", "10")
        assert data["schedule"] == [[10, "a, c"], [20, "b, c"]]
        assert data["hires_schedule"] == [[5, "b, c"], [10, "b, d"]]
        assert explained("a")["hires_schedule"] is None

    def test_emphasis_and_parts(self) -> None:
        assert explained("a, (b:1.2)")["emphasis"] == [["a, ", 1.0], ["b", 1.2]]
        assert explained("a AND b :0.5")["parts"] == [["a", 1.0], [" b", 0.5]]

    def test_networks_have_their_weight_at_each_step(self) -> None:
        data = explained("<lora:x:0.7>, [<lora:y:1:0.5>::0.5]", "--steps", "4")
        assert data["networks"] == [
            {"kind": "lora", "name": "x", "args": ["0.7"], "weights_per_step": [0.7] * 4},
            {
                "kind": "lora",
                "name": "y",
                "args": ["1", "0.5"],
                "weights_per_step": [0.5, 0.5, 0.0, 0.0],
            },
        ]

    def test_chunks(self) -> None:
        data = explained("cat, (dog:1.2) BREAK cat")
        assert data["chunks"] == [
            {"tokens": 3, "ids": [2368, 267, 1929], "weights": [1.0, 1.0, 1.2]},
            {"tokens": 1, "ids": [2368], "weights": [1.0]},
        ]

    def test_diagnostics_have_spans_and_cures(self) -> None:
        (found,) = explained("a, (b")["diagnostics"]
        assert found["code"] == "unbalanced-bracket"
        assert found["span"] == [3, 4]
        assert set(found) == {
            "code",
            "severity",
            "span",
            "message",
            "suggestion",
            "replacement",
        }

    def test_dialect_a1111(self) -> None:
        assert explained("1girl, :3", "--dialect", "a1111")["parts"] == [["1girl,", 3.0]]
        assert explained("1girl, :3")["parts"] == [["1girl, :3", 1.0]]

    def test_negative_has_an_object_of_its_own(self) -> None:
        data = explained("a", "--negative", "b AND c")
        assert data["negative"]["parts"] == [["b AND c", 1.0]]
        assert data["parts"] == [["a", 1.0]]

    def test_old_timelines(self) -> None:
        data = explained("[a:b:1.0]", "--steps", "20", "--old-timelines")
        assert data["schedule"] == [[1, "a"], [20, "b"]]


class TestExplainPicture:
    def test_timeline_is_bars_over_steps(self) -> None:
        output = run("explain", "[:pixel art:0.2], <lora:x:0.5>", "--steps", "10").output
        assert "pixel art" in output
        assert "······████████████████████████" in output
        assert "3-10" in output
        assert "lora x" in output

    def test_alternation_says_how_often(self) -> None:
        output = run("explain", "[red|blue] hair", "--steps", "10").output
        assert "red hair" in output
        assert "5 of 10 steps" in output

    def test_chunks_show_fill_borders_tokens_and_weights(self) -> None:
        output = run("explain", "1girl, (red hair:1.2) BREAK sky").output
        assert "5/75" in output
        assert "ends at BREAK" in output
        assert "red hair 2 x1.2" in output

    def test_cut_and_parted_tags_are_marked(self) -> None:
        output = run("explain", "cat, " * 37 + "red hair", "--backtrack", "0").output
        assert "(cut by the border)" in output
        output = run("explain", "cat, " * 36 + "holding sword, katana").output
        assert "(parted from 'holding sword')" in output.replace("\n", " ")

    def test_findings_point_at_the_text(self) -> None:
        output = run("explain", "line one\na, (b").output
        assert "unbalanced-bracket" in output
        assert "a, (b" in output

    def test_both_prompts_and_both_passes(self) -> None:
        output = run("explain", "[a:b:1.5]", "--negative", "c", "--hires-steps", "7").output
        assert "negative prompt" in output
        assert "hires pass of 7 steps" in output

    def test_parts_show_their_weight(self) -> None:
        assert "part 2, weight 0.5" in run("explain", "a AND b :0.5").output
        assert "part 1, weight 3" in run("explain", "1girl, :3", "--dialect", "a1111").output
        assert "part" not in run("explain", "a").output

    def test_long_names_are_cut(self) -> None:
        output = run("explain", "[" + "very " * 20 + "long:x:0.5]").output
        assert "…" in output

    def test_markup_in_a_prompt_is_text(self) -> None:
        assert "[bold]" in run("explain", r"\[bold\] x").output


class TestInput:
    def test_dash_reads_standard_input(self) -> None:
        data = json.loads(run("explain", "--json", "-", stdin="a\nb\n").stdout)
        assert data["schedule"] == [[28, "a\nb"]]

    def test_two_dashes_end_the_options(self) -> None:
        assert explained("--", "-_-")["schedule"] == [[28, "-_-"]]

    @pytest.mark.parametrize(
        "option", [["--steps", "0"], ["--dialect", "x"], ["--backtrack", "75"]]
    )
    def test_wrong_options_are_refused(self, option: list[str]) -> None:
        assert run("explain", "a", *option).exit_code == 2


class TestConvert:
    def test_prompt_to_output_and_losses_to_error(self) -> None:
        result = run("convert", "--from", "a1111", "--to", "comfyui", "(a:1.2), [b:c:0.3]")
        assert result.stdout == "(a:1.2), c\n"
        assert result.stderr.startswith("lost: [b:c:0.3]: ComfyUI")

    def test_json(self) -> None:
        result = run("convert", "--from", "novelai", "--to", "irodori", "--json", "{a}")
        assert json.loads(result.stdout) == {"text": "(a:1.05)", "losses": []}

    def test_standard_input(self) -> None:
        result = run("convert", "--from", "comfyui", "--to", "novelai", "-", stdin="(a:1.2)\n")
        assert result.stdout == "1.2::a::\n"

    def test_unknown_format_is_refused_with_the_known_ones(self) -> None:
        result = run("convert", "--from", "x", "--to", "novelai", "a")
        assert result.exit_code == 2
        assert "swarmui" in result.stderr


def test_explain_needs_no_torch() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from irodori.cli.main import root;"
        "r = CliRunner().invoke(root, ['explain', 'a']); assert r.exit_code == 0, r.output;"
        "assert not {'torch', 'numpy', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
