from pathlib import Path

import pytest

from irodori.app.config import Rating, config_path, read_config
from irodori.errors import InputError


def test_without_a_file_the_ceiling_is_sensitive(tmp_path: Path) -> None:
    config = read_config(tmp_path / "none.toml")
    assert config.rating_ceiling is Rating.SENSITIVE
    assert config.outputs == Path("outputs")


def test_every_key_is_read(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        'outputs = "/pictures"\nmodels = ["/a", "/b"]\ndevice = "cpu"\nthreads = 2\n'
        'rating-ceiling = "general"\nvram = 8\nmemory-plan = "streamed"\nfp8 = true\n'
        'dtype = "float32"\nmodels-memory = 16\napproximate = ["block-cache=3", "int8"]\n'
    )
    config = read_config(path)
    assert config.outputs == Path("/pictures")
    assert config.models == (Path("/a"), Path("/b"))
    assert (config.device, config.threads, config.rating_ceiling) == ("cpu", 2, Rating.GENERAL)
    assert (config.vram, config.memory_plan, config.fp8) == (8.0, "streamed", True)
    assert (config.dtype, config.models_memory) == ("float32", 16.0)
    assert [(each.name, each.value) for each in config.approximate] == [
        ("block-cache", 3),
        ("int8", 1),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("outptus = 'x'", "nearest is 'outputs'"),
        ("threads = true", "threads must be a number"),
        ("rating-ceiling = 'nsfw'", "rating-ceiling must be one of general"),
        ("device = 'gpu'", "device must be one of"),
        ("dtype = 'fp32'", "dtype must be one of auto, float32"),
        ("vram = 0.5", "vram must be GiB"),
        ("vram = true", "vram must be GiB"),
        ("models-memory = 0", "models-memory must be GiB"),
        ("memory-plan = 'small'", "memory-plan must be one of resident, text-after-use"),
        ("fp8 = 1", "fp8 must be true or false"),
        ("approximate = 'int8'", "approximate must be a list"),
        ("approximate = ['int9']", "approximate: unknown approximation 'int9'; nearest is 'int8'"),
        ("approximate = ['block-cache=99']", "approximate: .* 1 to 10, not 99"),
        ("models = 'one'", "a list of folders"),
        ("= 3", "not valid TOML"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_config(path)


def test_the_environment_names_the_file(tmp_path: Path) -> None:
    assert config_path({"IRODORI_CONFIG": str(tmp_path / "x.toml")}) == tmp_path / "x.toml"
    assert config_path({}).name == "config.toml"
