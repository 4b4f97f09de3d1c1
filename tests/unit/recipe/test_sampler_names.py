"""Samplers are found by every name people have for them."""

import subprocess
import sys

import pytest

from irodori.errors import UnknownNameError
from irodori.recipe.samplers import SAMPLERS, find_sampler, split_sampler
from irodori.recipe.schedules import SCHEDULES, Schedule


def folded(name):
    return "".join(c for c in name.casefold().replace("++", "pp") if c.isalnum())


def test_no_two_samplers_share_a_name():
    seen = {}
    for info in SAMPLERS:
        for name in {folded(each) for each in (info.name, *info.aliases, *info.diffusers)}:
            assert seen.setdefault(name, info.name) == info.name


def test_no_name_is_a_sampler_with_a_schedule():
    """Otherwise `split_sampler` could read one name two ways."""
    names = {folded(each) for info in SAMPLERS for each in (info.name, *info.aliases)}
    for info in SAMPLERS:
        for schedule in SCHEDULES:
            assert folded(f"{info.name} {schedule.name}") not in names - {folded(info.name)}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("DPM++ 2M", "DPM++ 2M"),
        ("dpm++ 2m", "DPM++ 2M"),
        ("k_dpmpp_2m", "DPM++ 2M"),
        ("dpmpp_2m", "DPM++ 2M"),
        ("DPMSolverMultistepScheduler", "DPM++ 2M"),
        ("K_EULER_A", "Euler a"),
        ("euler_ancestral", "Euler a"),
        ("Euler A", "Euler a"),
        ("k_dpm_2", "DPM2"),
        ("DPM2 a", "DPM2 a"),
        ("dpm_2_ancestral", "DPM2 a"),
        ("k_dpmpp_2s_a", "DPM++ 2S a"),
        ("uni_pc_bh2", "UniPC BH2"),
        ("er_sde", "ER-SDE"),
        ("ddim_cfgpp", "DDIM CFG++"),
        ("euler_cfg_pp", "Euler CFG++"),
    ],
)
def test_aliases_in_any_case(given, name):
    assert find_sampler(given).name == name


@pytest.mark.parametrize(
    ("given", "name", "schedule"),
    [
        ("DPM++ 2M Karras", "DPM++ 2M", Schedule.KARRAS),
        ("dpm++ 2m karras", "DPM++ 2M", Schedule.KARRAS),
        ("DPM++ 2M SDE Exponential", "DPM++ 2M SDE", Schedule.EXPONENTIAL),
        ("DPM++ 2M SDE Heun Karras", "DPM++ 2M SDE Heun", Schedule.KARRAS),
        ("DPM++ 2M SDE Heun", "DPM++ 2M SDE Heun", None),
        ("Euler SGM Uniform", "Euler", Schedule.SGM_UNIFORM),
        ("Euler SGMUniform", "Euler", Schedule.SGM_UNIFORM),
        ("Euler Uniform", "Euler", Schedule.UNIFORM),
        ("Euler a Normal", "Euler a", Schedule.NORMAL),
        ("Euler Align Your Steps 32", "Euler", Schedule.ALIGN_YOUR_STEPS_32),
        ("Euler Align Your Steps", "Euler", Schedule.ALIGN_YOUR_STEPS),
        ("DDIM", "DDIM", None),
        ("DDIM DDIM", "DDIM", Schedule.DDIM),
        ("k_dpmpp_2m karras", "DPM++ 2M", Schedule.KARRAS),
    ],
)
def test_a_schedule_at_the_end_of_the_name(given, name, schedule):
    info, found = split_sampler(given)
    assert (info.name, found) == (name, schedule)


@pytest.mark.parametrize("info", SAMPLERS, ids=lambda info: info.name)
def test_every_pair_of_names_is_split_where_it_was_joined(info):
    for schedule in SCHEDULES:
        for name in (info.name, *info.aliases):
            assert split_sampler(f"{name} {schedule.name}") == (info, schedule.schedule)


def test_unknown_names_have_the_nearest():
    with pytest.raises(UnknownNameError) as caught:
        find_sampler("DPM++ 3M")
    assert caught.value.nearest in {"DPM++ 2M", "DPM++ 3M SDE"}
    assert "irodori samplers" in str(caught.value)
    with pytest.raises(UnknownNameError, match="unknown sampler 'Dream'"):
        split_sampler("Dream Karras")


def test_the_practice_is_in_the_table():
    """Every row of P16, and P18's list for v-prediction."""
    rows = {
        (info.name, schedule, row.low, row.high, row.best)
        for info in SAMPLERS
        for row in info.practice
        for schedule in row.schedules
    }
    assert {
        ("DPM++ 2M", Schedule.KARRAS, 28, 28, 28),
        ("DPM++ 3M SDE", Schedule.EXPONENTIAL, 40, 80, 60),
        ("IPNDM", Schedule.NORMAL, 40, 80, 60),
        ("IPNDM_V", Schedule.KARRAS, 15, 40, 40),
        ("IPNDM_V", Schedule.EXPONENTIAL, 15, 40, 40),
        ("DEIS", Schedule.SGM_UNIFORM, 40, 60, 40),
        ("LCM", Schedule.SGM_UNIFORM, 5, 5, 5),
        ("Euler", Schedule.NORMAL, 28, 28, 28),
        ("Euler a", Schedule.KARRAS, 28, 28, 28),
    } <= rows
    works = {(info.name, each) for info in SAMPLERS for each in info.v_prediction}
    assert works == {
        ("DPM++ 2M", Schedule.SGM_UNIFORM),
        ("Euler a", Schedule.NORMAL),
        ("DEIS", Schedule.SGM_UNIFORM),
        ("IPNDM_V", Schedule.SGM_UNIFORM),
    }
    fails = {(info.name, each) for info in SAMPLERS for each in info.v_prediction_fails}
    assert fails == {("DPM++ 2M", Schedule.KARRAS)}


def test_flags_are_those_of_a1111():
    """compat 4.2 and 4.5."""
    by_name = {info.name: info for info in SAMPLERS}
    discarding = {name for name, info in by_name.items() if info.discard_penultimate}
    assert discarding == {"DPM2", "DPM2 a", "DPM++ 3M SDE"}
    brownian = {"DPM++ SDE", "DPM++ 2M SDE", "DPM++ 2M SDE Heun", "DPM++ 3M SDE"}
    assert all(by_name[name].brownian for name in brownian)
    for name in ("DPM++ 2S a", "Euler a", "DPM2 a", "DPM fast", "DPM adaptive"):
        assert by_name[name].uses_ensd
    karras = {"DPM++ 2M", "DPM++ SDE", "DPM++ 2S a", "DPM2", "DPM2 a", "Restart"}
    assert {by_name[name].schedule for name in karras} == {Schedule.KARRAS}
    assert by_name["DPM++ 2M SDE"].schedule is Schedule.EXPONENTIAL
    assert by_name["Euler"].schedule is Schedule.UNIFORM


def test_the_table_loads_without_torch():
    code = "import sys, irodori.recipe.samplers; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
