"""Variants and wildcards: one result from a seed, or all of them."""

from collections import Counter
from pathlib import Path

import pytest

from irodori.prompt.variants import (
    DEEPEST,
    Expansion,
    ProblemCode,
    combinations,
    expand,
)
from irodori.prompt.wildcards import WildcardLibrary


@pytest.fixture
def library(tmp_path: Path) -> WildcardLibrary:
    files = {
        "color.txt": "# warm ones first\nred\norange # not a comment\n\n  2::blue  \n",
        "animal/cat.txt": "tabby\n{black|white} cat",
        "animal/dog.txt": "__color__ dog",
        "loop.txt": "a __pool__",
        "pool.txt": "b __loop__",
        "name.txt": r"saber \(fate\)",
        "empty.txt": "# nothing\n",
        "pack.yaml": "hats:\n  - cap\n  - '{top|bowler} hat'\nnested:\n  deep: [one, 2]\nflat: 1\n",
        "bad.yaml": "a: [",
        "list.json": '["x", "y"]',
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return WildcardLibrary((tmp_path,))


def texts(template: str, library: WildcardLibrary | None = None) -> list[str]:
    return [one.text for one in combinations(template, wildcards=library)]


def drawn(template: str, library: WildcardLibrary | None = None, seeds: int = 400) -> Counter[str]:
    return Counter(expand(template, seed=i, wildcards=library).text for i in range(seeds))


def choice(expansion: Expansion, slot: str) -> str:
    return next(one.text for one in expansion.choices if one.slot == slot)


class TestDrawing:
    def test_text_without_slots_is_itself(self) -> None:
        text = "1girl, (red hair:1.2) BREAK [a:b:0.5], {alone}, # {a|b}"
        assert expand(text, seed=1) == Expansion(template=text, text=text)

    def test_both_template_and_result_are_kept(self) -> None:
        result = expand("a {b|c} d", seed=7)
        assert result.template == "a {b|c} d"
        assert result.text in {"a b d", "a c d"}

    def test_same_seed_same_result(self) -> None:
        template = "{a|b|c}, {2$$d|e|f}"
        assert {expand(template, seed=3).text for _ in range(5)} == {expand(template, seed=3).text}

    def test_seeds_differ(self) -> None:
        assert len(drawn("{a|b|c|d|e|f|g|h}", seeds=100)) == 8

    def test_odds(self) -> None:
        counts = drawn("{3::a|b|0::c}", seeds=2000)
        assert set(counts) == {"a", "b"}
        assert 0.70 < counts["a"] / 2000 < 0.80

    def test_several_are_different_and_joined(self) -> None:
        for text in drawn("{2$$ and $$a|b|c}"):
            left, right = text.split(" and ")
            assert left != right
        assert set(drawn("{2$$a|b}")) == {"a, b", "b, a"}

    def test_range_draws_each_count(self) -> None:
        counts = Counter(text.count(",") for text in drawn("{1-3$$a|b|c}").elements())
        assert set(counts) == {0, 1, 2}
        assert min(counts.values()) > 80

    def test_range_beyond_the_options_is_not_weighted_to_all(self) -> None:
        counts = Counter(text.count(",") for text in drawn("{1-9$$a|b}").elements())
        assert 150 < counts[0] < 250

    def test_more_than_there_are_gives_all(self) -> None:
        assert {frozenset(text.split(", ")) for text in drawn("{5$$a|b}")} == {frozenset("ab")}

    def test_nested(self) -> None:
        assert set(drawn("{a|{b|c} d}")) == {"a", "b d", "c d"}

    @pytest.mark.parametrize("template", ["(x {a|b}:1.2)", "[{a|b}:c:0.5]", "[{a|b}|c]"])
    def test_inside_brackets(self, template: str) -> None:
        assert set(drawn(template)) == {template.replace("{a|b}", one) for one in "ab"}

    def test_inside_a_network(self, library: WildcardLibrary) -> None:
        assert set(drawn("<lora:{a|b}:0.7>")) == {"<lora:a:0.7>", "<lora:b:0.7>"}
        assert set(drawn("<lora:my__name__v2:1>")) == {"<lora:my__name__v2:1>"}
        assert set(drawn("<lora:__animal/cat__:1>", library)) == {
            "<lora:tabby:1>",
            "<lora:black cat:1>",
            "<lora:white cat:1>",
        }


class TestSlotsAreIndependent:
    def test_reordering_changes_no_choice(self) -> None:
        for seed in range(50):
            one = expand("{a|b|c}, {d|e|f}", seed=seed)
            other = expand("{d|e|f}, {a|b|c}", seed=seed)
            assert one.text.split(", ") == other.text.split(", ")[::-1]

    def test_adding_a_slot_changes_no_choice(self) -> None:
        for seed in range(50):
            alone = expand("{a|b|c}", seed=seed)
            more = expand("{x|y}, {d|e|f} {a|b|c}", seed=seed)
            assert choice(more, "{a|b|c}") == alone.text

    def test_sorting_a_file_changes_no_choice(self, tmp_path: Path) -> None:
        lines = [f"value {i}" for i in range(20)]
        (tmp_path / "w.txt").write_text("\n".join(lines), "utf-8")
        before = drawn("__w__", WildcardLibrary((tmp_path,)), 50)
        (tmp_path / "w.txt").write_text("\n".join(reversed(lines)), "utf-8")
        assert drawn("__w__", WildcardLibrary((tmp_path,)), 50) == before

    def test_a_new_line_changes_a_draw_only_where_it_wins(self, tmp_path: Path) -> None:
        (tmp_path / "w.txt").write_text("a\nb\nc", "utf-8")
        old = WildcardLibrary((tmp_path,))
        before = [expand("__w__", seed=i, wildcards=old).text for i in range(200)]
        (tmp_path / "w.txt").write_text("a\nb\nnew\nc", "utf-8")
        new = WildcardLibrary((tmp_path,))
        after = [expand("__w__", seed=i, wildcards=new).text for i in range(200)]
        assert {b for a, b in zip(before, after, strict=True) if a != b} == {"new"}
        assert after.count("new") > 20

    def test_two_like_slots_draw_on_their_own(self) -> None:
        assert len(drawn("{a|b}{a|b}")) == 4

    def test_slots_inside_options_have_their_own_name(self) -> None:
        names = [one.slot for one in expand("{{a|b}}", seed=0).choices]
        assert names in (["{a|b}"], ["{{a|b}}", "{{a|b}} > {a|b}"])


class TestWildcards:
    def test_values_weights_and_comments(self, library: WildcardLibrary) -> None:
        counts = drawn("__color__", library, 2000)
        assert set(counts) == {"red", "orange # not a comment", "blue"}
        assert 0.45 < counts["blue"] / 2000 < 0.55

    def test_globs_join_their_files(self, library: WildcardLibrary) -> None:
        assert set(drawn("__animal/*__", library)) == {
            "tabby",
            "black cat",
            "white cat",
            "red dog",
            "blue dog",
            "orange # not a comment dog",
        }

    def test_packs(self, library: WildcardLibrary) -> None:
        assert set(drawn("__nested/deep__", library)) == {"one", "2"}
        assert set(drawn("__list__", library)) == {"x", "y"}
        assert "flat" not in library.names()

    def test_several_of_one_file_are_different(self, library: WildcardLibrary) -> None:
        for text in drawn("{2$$__color__}", library):
            assert len(set(text.split(", "))) == 2

    def test_missing_file_leaves_the_text_and_says_so(self, library: WildcardLibrary) -> None:
        result = expand("a, __nope__", seed=0, wildcards=library)
        assert result.text == "a, __nope__"
        (problem,) = result.problems
        assert problem.code is ProblemCode.NO_VALUES
        assert problem.span == (3, 11)
        assert "'nope'" in problem.message

    def test_empty_file_says_which(self, library: WildcardLibrary) -> None:
        (problem,) = expand("__empty__", seed=0, wildcards=library).problems
        assert "empty.txt" in problem.message

    def test_broken_pack_is_named_where_something_is_missing(
        self, library: WildcardLibrary
    ) -> None:
        (problem,) = expand("__a__", seed=0, wildcards=library).problems
        assert "bad.yaml" in problem.message

    def test_cycle_is_a_problem_with_its_chain(self, library: WildcardLibrary) -> None:
        result = expand("x __loop__", seed=0, wildcards=library)
        assert result.text == "x a b __loop__"
        (problem,) = result.problems
        assert problem.code is ProblemCode.CYCLE
        assert "loop > pool > loop" in problem.message
        assert problem.span == (2, 10)

    def test_depth_has_an_end(self, tmp_path: Path) -> None:
        for i in range(DEEPEST + 8):
            (tmp_path / f"level{i}.txt").write_text(f"{i} __level{i + 1}__", "utf-8")
        result = expand("__level0__", seed=0, wildcards=WildcardLibrary((tmp_path,)))
        assert [problem.code for problem in result.problems] == [ProblemCode.TOO_LARGE]
        assert result.text.endswith(f"__level{DEEPEST}__")

    def test_size_has_an_end(self, tmp_path: Path) -> None:
        for i in range(DEEPEST):
            slot = f"__twice{i + 1}__" if i < DEEPEST - 1 else "{|}"
            (tmp_path / f"twice{i}.txt").write_text(f"{slot} {slot}", "utf-8")
        result = expand("__twice0__", seed=0, wildcards=WildcardLibrary((tmp_path,)))
        assert {problem.code for problem in result.problems} == {ProblemCode.TOO_LARGE}

    def test_escaped_names_pass_through(self, library: WildcardLibrary) -> None:
        assert expand("__name__", seed=0, wildcards=library).text == r"saber \(fate\)"


class TestFolderSafety:
    @pytest.mark.parametrize(
        "name", ["../secret", "/etc/passwd", "a/../../secret", "..", ".", "../*", "color.txt"]
    )
    def test_names_never_leave_the_folder(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "secret.txt").write_text("secret", "utf-8")
        inside = tmp_path / "wildcards"
        inside.mkdir()
        (inside / "color.txt").write_text("red", "utf-8")
        assert WildcardLibrary((inside,)).look_up(name).values == ()

    def test_links_that_lead_out_are_not_listed(self, tmp_path: Path) -> None:
        (tmp_path / "secret.txt").write_text("secret", "utf-8")
        inside = tmp_path / "wildcards"
        inside.mkdir()
        (inside / "out.txt").symlink_to(tmp_path / "secret.txt")
        (inside / "up").symlink_to(tmp_path)
        assert WildcardLibrary((inside,)).names() == ()

    def test_folder_that_is_not_there_holds_nothing(self, tmp_path: Path) -> None:
        assert WildcardLibrary((tmp_path / "none",)).names() == ()

    def test_first_folder_wins(self, tmp_path: Path) -> None:
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "w.txt").write_text(name, "utf-8")
        library = WildcardLibrary((tmp_path / "two", tmp_path / "one"))
        assert [value.text for value in library.look_up("w").values] == ["two"]

    def test_file_that_is_not_text_is_a_problem(self, tmp_path: Path) -> None:
        (tmp_path / "w.txt").write_bytes(b"\xff\xfe\x00")
        found = WildcardLibrary((tmp_path,)).look_up("w")
        assert found.values == ()
        assert "cannot be read" in found.problems[0]

    def test_yaml_bomb_is_refused(self, tmp_path: Path) -> None:
        lines = ["a0: &a0 {x: [1, 2, 3]}"]
        lines += [
            f"a{i}: &a{i} {{{', '.join(f'k{j}: *a{i - 1}' for j in range(9))}}}"
            for i in range(1, 9)
        ]
        (tmp_path / "bomb.yaml").write_text("\n".join(lines), "utf-8")
        (problem,) = WildcardLibrary((tmp_path,)).look_up("nope").problems[1:]
        assert "more than" in problem


class TestCombinations:
    def test_all_in_order(self) -> None:
        assert texts("{a|b} {c|d}") == ["a c", "a d", "b c", "b d"]

    def test_no_slots_is_one(self) -> None:
        assert texts("a") == ["a"]

    def test_nested_options_turn_only_where_they_stand(self) -> None:
        assert texts("{a|{b|c}} {d|e}") == ["a d", "a e", "b d", "b e", "c d", "c e"]

    def test_counts_give_subsets(self) -> None:
        assert texts("{2$$a|b|c}") == ["a, b", "a, c", "b, c"]
        assert texts("{1-2$$+$$a|b}") == ["a", "b", "a+b"]
        assert texts("{0-1$$a|b}") == ["", "a", "b"]

    def test_zero_odds_are_left_out(self) -> None:
        assert texts("{a|0::b|c}") == ["a", "c"]

    def test_wildcards_take_part(self, library: WildcardLibrary) -> None:
        assert texts("__animal/cat__!", library) == ["tabby!", "black cat!", "white cat!"]

    def test_billions_are_lazy(self) -> None:
        endless = combinations(" ".join(["{a|b|c|d}"] * 40))
        assert next(endless).text == " ".join(["a"] * 40)
        assert next(endless).text.endswith("a b")
