import pytest
import torch

from irodori.engine.device import LARGE, Machine, choose_policy, probe
from irodori.engine.modules.attention import chunked, fused
from irodori.errors import InputError, UnknownNameError
from irodori.recipe.names import Dtype

PLAIN = Machine()
BF16_CPU = Machine(cpu_bf16=True)
OLD_NVIDIA = Machine(gpu=True, cpu_bf16=True)
NVIDIA = Machine(gpu=True, gpu_bf16=True)
AMD = Machine(gpu=True, gpu_rocm=True, gpu_bf16=True)
APPLE = Machine(mps=True)
EVERY_MACHINE = (PLAIN, BF16_CPU, OLD_NVIDIA, NVIDIA, AMD, APPLE)

HALF, BF16, FULL = torch.float16, torch.bfloat16, torch.float32


@pytest.mark.parametrize(
    ("machine", "device", "compute", "autoencoder"),
    [
        (PLAIN, "cpu", FULL, FULL),
        (BF16_CPU, "cpu", BF16, BF16),
        (OLD_NVIDIA, "cuda:0", HALF, FULL),
        (NVIDIA, "cuda:0", HALF, BF16),
        (AMD, "cuda:0", HALF, BF16),
        (APPLE, "mps", HALF, FULL),
    ],
)
def test_a_large_model_runs_in_the_best_formats_of_the_fastest_device(
    machine, device, compute, autoencoder
):
    policy = choose_policy(machine, parameters=LARGE)
    assert policy.device == torch.device(device)
    assert (policy.compute, policy.storage) == (compute, compute)
    assert policy.autoencoder == autoencoder


@pytest.mark.parametrize("machine", EVERY_MACHINE)
def test_a_small_model_runs_in_float32_everywhere(machine):
    policy = choose_policy(machine, parameters=LARGE - 1)
    assert {policy.compute, policy.storage, policy.autoencoder} == {FULL}


@pytest.mark.parametrize("machine", EVERY_MACHINE)
@pytest.mark.parametrize("parameters", [0, LARGE])
def test_a_cpu_never_computes_float16_and_an_autoencoder_never_does(machine, parameters):
    on_cpu = choose_policy(machine, parameters=parameters, device="cpu")
    assert on_cpu.device == torch.device("cpu")
    assert HALF not in {on_cpu.compute, on_cpu.storage}
    assert choose_policy(machine, parameters=parameters).autoencoder is not HALF


@pytest.mark.parametrize("machine", EVERY_MACHINE)
@pytest.mark.parametrize("parameters", [0, LARGE])
@pytest.mark.parametrize("dtype", [Dtype.FLOAT32, Dtype.BFLOAT16])
def test_the_arithmetic_asked_for_is_taken_everywhere(machine, parameters, dtype):
    wanted = getattr(torch, dtype)
    policy = choose_policy(machine, parameters=parameters, dtype=dtype)
    assert (policy.compute, policy.storage) == (wanted, wanted)
    if dtype is Dtype.FLOAT32:
        assert (policy.autoencoder, policy.attend) == (FULL, fused)


def test_a_small_model_computes_in_half_precision_on_a_card_where_that_is_asked():
    policy = choose_policy(NVIDIA, parameters=0, dtype=Dtype.FLOAT16)
    assert (policy.compute, policy.autoencoder) == (HALF, BF16)
    assert choose_policy(OLD_NVIDIA, parameters=0, dtype=Dtype.FLOAT16).autoencoder is FULL


def test_a_cpu_refuses_float16():
    with pytest.raises(InputError, match="a CPU computes float16 ten times slower"):
        choose_policy(NVIDIA, parameters=LARGE, device="cpu", dtype=Dtype.FLOAT16)


def test_attention_is_chunked_only_where_the_fused_kernel_is_slow():
    assert choose_policy(BF16_CPU, parameters=LARGE).attend is chunked
    assert choose_policy(PLAIN, parameters=LARGE).attend is fused
    assert choose_policy(NVIDIA, parameters=LARGE).attend is fused


@pytest.mark.parametrize(
    ("machine", "asked", "device"),
    [
        (NVIDIA, "cpu", "cpu"),
        (NVIDIA, "cuda:1", "cuda:1"),
        (AMD, "cuda", "cuda:0"),
        (AMD, "rocm:1", "cuda:1"),
        (APPLE, "mps", "mps"),
    ],
)
def test_the_device_asked_for_is_taken(machine, asked, device):
    assert choose_policy(machine, parameters=LARGE, device=asked).device == torch.device(device)


@pytest.mark.parametrize(
    ("machine", "asked", "there"),
    [(PLAIN, "cuda", "cpu"), (NVIDIA, "rocm", "cpu, cuda"), (APPLE, "cuda:0", "cpu, mps")],
)
def test_a_device_that_is_not_there_is_an_error_that_says_what_is(machine, asked, there):
    with pytest.raises(InputError, match=f"device '{asked}' is not there; .* has {there}$"):
        choose_policy(machine, parameters=0, device=asked)


@pytest.mark.parametrize("asked", ["gpu", "cuda:x", "cpu:-1", ""])
def test_an_unknown_device_is_an_error(asked):
    with pytest.raises(UnknownNameError, match="unknown device"):
        choose_policy(NVIDIA, parameters=0, device=asked)


def test_the_probe_agrees_with_torch():
    machine = probe()
    assert machine.gpu == torch.cuda.is_available()
    assert machine.mps == torch.backends.mps.is_available()
    assert not (machine.gpu_rocm and not machine.gpu)
