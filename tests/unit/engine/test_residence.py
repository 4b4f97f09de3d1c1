"""Plans carried out on a pretended card: it counts every byte and has no more than it was given."""

import weakref
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from irodori.catalog.header import Header, TensorInfo, read_header
from irodori.catalog.identify import AUTOENCODER as AUTOENCODER_NAMES
from irodori.catalog.identify import UNET as UNET_NAMES
from irodori.engine.device import Machine, choose_policy
from irodori.engine.events import PlanChanged
from irodori.engine.fallback import smaller_tile, within_memory
from irodori.engine.listener import Listener
from irodori.engine.loading.checkpoint import (
    PREFIXES,
    ModelParts,
    ModelTraits,
    load_checkpoint,
    save_checkpoint,
)
from irodori.engine.loading.fill import bad_values
from irodori.engine.loading.source import open_source
from irodori.engine.lora.apply import Share, applied
from irodori.engine.lora.keys import Target
from irodori.engine.lora.layers.lora import Lora
from irodori.engine.lora.network import Change
from irodori.engine.memory_plan import (
    GIB,
    IN_FULL,
    NAMES,
    Formats,
    Phase,
    Planned,
    decode_bytes,
    plans_for,
)
from irodori.engine.model_sizes import model_sizes
from irodori.engine.modules.autoencoder import Autoencoder, AutoencoderConfig
from irodori.engine.modules.clip import ClipConfig, ClipG, ClipL
from irodori.engine.modules.initialise import initialise
from irodori.engine.modules.unet import UNet, UNetConfig
from irodori.engine.modules.walk import Deep, Walk
from irodori.engine.passes.stage import Canvas, Work
from irodori.engine.pipeline import draw, studio_for
from irodori.engine.residence import AtHome, Lender, OnCard, store_in_8_bits
from irodori.engine.studio import NOTHING_ELSE
from irodori.errors import OutOfMemoryError, UnknownNameError
from irodori.recipe.approximations import FP8_WEIGHTS, read_approximation, with_approximations
from irodori.recipe.parts import Base, Noise
from irodori.recipe.recipe import Recipe

UNET = UNetConfig(
    channels=(32, 160),
    layers_per_block=1,
    depths=(0, 2),
    middle_depth=2,
    head_dim=32,
    context_dim=20,
    vector_dim=40,
    groups=4,
)
AUTOENCODER = AutoencoderConfig(channels=(8, 8, 16, 16), layers_per_block=1, groups=2, scale=0.25)
TEXT_L = ClipConfig(width=8, layers=2, heads=2, inner=16)
TEXT_G = ClipConfig(width=12, layers=2, heads=3, inner=24, projection=16)
RECIPE = Recipe(
    prompt="1girl, green hair",
    negative_prompt="blurry",
    noise=Noise(seed=7),
    base=Base(steps=2, cfg_scale=3.0, width=64, height=64),
)
PICTURE = Planned(width=64, height=64)
STEPS_4 = replace(RECIPE.base, steps=4)


class PretendedCard(TorchDispatchMode):
    """A card within the machine's memory: what is made while it is entered lies on it."""

    def __init__(self, budget=1 << 40, *, told=None):
        super().__init__()
        self.budget = budget
        self.told = told  # what it says is free, whatever is
        self.used = self.peak = 0
        self.sizes = {}
        self.lent = weakref.WeakSet()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        given = {_storage(each) for each in tree_leaves((args, kwargs)) if _is_tensor(each)}
        result = function(*args, **(kwargs or {}))
        for each in tree_leaves(result):
            if _is_tensor(each) and _storage(each) not in given | self.sizes.keys():
                self._count(each)
        return result

    def _count(self, tensor):
        storage, key = tensor.untyped_storage(), _storage(tensor)
        if self.used + storage.nbytes() > self.budget:
            raise torch.OutOfMemoryError(f"{storage.nbytes()} bytes asked, out of memory")
        self.sizes[key] = storage.nbytes()
        self.used += storage.nbytes()
        self.peak = max(self.peak, self.used)
        weakref.finalize(storage, self._freed, key)

    def _freed(self, key):
        self.used -= self.sizes.pop(key)

    def free(self):
        return self.budget - self.used if self.told is None else self.told

    def holds(self, tensor):
        return tensor.untyped_storage() in self.lent

    def put(self, tensor):
        copy = tensor.clone()
        self.lent.add(copy.untyped_storage())
        return copy

    def fetch(self, tensors):
        copies = [self.put(each) for each in tensors]
        return lambda: copies

    def home(self, tensor):
        return tensor.clone()

    def forget(self):
        pass


def _is_tensor(value):
    return isinstance(value, torch.Tensor)


def _storage(tensor):
    return tensor.untyped_storage()._cdata


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    parts = ModelParts(
        unet=UNet(UNET),
        autoencoder=Autoencoder(AUTOENCODER),
        text_l=ClipL(TEXT_L),
        text_g=ClipG(TEXT_G),
    )
    generator = torch.Generator().manual_seed(7)
    for name in PREFIXES:
        initialise(getattr(parts, name), generator)
        for each in getattr(parts, name).parameters():  # nothing starts at zero
            each.data.add_(torch.randn(each.shape, generator=generator), alpha=0.02)
    path = tmp_path_factory.mktemp("models") / "model.safetensors"
    save_checkpoint(path, parts, traits=ModelTraits())
    return path


@pytest.fixture
def model(file):
    return load_checkpoint(open_source(file), choose_policy(Machine(), parameters=0))


@pytest.fixture(scope="module")
def sizes(file):
    return model_sizes(read_header(file))


@pytest.fixture(scope="module")
def expected(file):
    model = load_checkpoint(open_source(file), choose_policy(Machine(), parameters=0))
    return drawn(studio_for(model, AtHome(model)))[0]


def drawn(studio, recipe=RECIPE, events=None):
    told = [] if events is None else events
    listener = Listener(tell=told.append, cancelled=lambda: False)
    return draw(studio, [recipe], listener, NOTHING_ELSE)


def on_card(model, sizes, card, **wishes):
    return studio_for(model, OnCard(model, sizes, card, **wishes))


def places(model):
    return {
        f"{part}.{name}": value.data_ptr()
        for part in PREFIXES
        for name, value in getattr(model, part).named_parameters()
    }


def run_with(model, sizes, name, expected):
    """Draw by a plan; the picture is the same, all weights are home afterwards."""
    before, card = places(model), PretendedCard()
    studio = on_card(model, sizes, card, wished=name)
    with card:
        (picture,) = drawn(studio)
        studio.residence.leave()
    assert studio.residence.plan.name == name
    assert (picture.pixels == expected.pixels).all()
    assert places(model) == before
    return card.peak


def test_every_plan_draws_the_same_and_each_takes_less(model, sizes, expected):
    peaks = [run_with(model, sizes, name, expected) for name in NAMES]
    assert peaks == sorted(peaks, reverse=True)
    assert len(set(peaks)) == len(NAMES)


def test_a_block_cache_brings_only_what_it_computes(model, sizes):
    recipe = with_approximations(replace(RECIPE, base=STEPS_4), [read_approximation("block-cache")])
    (expected,) = drawn(studio_for(model, AtHome(model)), recipe)
    fetched = {}
    for every in (RECIPE, recipe):
        card = PretendedCard()
        card.fetch, counts = counting(card.fetch)
        studio = on_card(model, sizes, card, wished="streamed")
        with card:
            (picture,) = drawn(studio, replace(every, base=STEPS_4))
            studio.residence.leave()
        fetched[every] = len(counts)
    assert (picture.pixels == expected.pixels).all()
    skipped = len(model.unet.in_order()) - len(model.unet.in_order(Walk(deep=Deep(torch.ones(1)))))
    assert fetched[RECIPE] - fetched[recipe] == 2 * skipped


def counting(fetch):
    """A fetch that remembers how often it was asked."""
    counts = []

    def counted(tensors):
        counts.append(len(tensors))
        return fetch(tensors)

    return counted, counts


def test_nothing_is_told_where_everything_fits(model, sizes, expected):
    events, card = [], PretendedCard()
    with card:
        (picture,) = drawn(on_card(model, sizes, card), events=events)
    assert not [each for each in events if isinstance(each, PlanChanged)]
    assert picture.notes == ()
    assert picture.recipe.numerics == expected.recipe.numerics


def test_a_plan_that_is_not_the_usual_one_is_told_before(model, sizes):
    events, card = [], PretendedCard()
    with card:
        drawn(on_card(model, sizes, card, wished="streamed"), events=events)
    assert events[0] == PlanChanged(note="memory plan 'streamed'")


def test_the_budget_decides_and_is_kept(model, sizes, expected):
    every = plans_for(sizes, IN_FULL, PICTURE)
    for estimate in (every[1], every[-2]):
        card = PretendedCard(int(estimate.peak / 0.95) + 1)
        studio = on_card(model, sizes, card)
        with card:
            (picture,) = drawn(studio)
            studio.residence.leave()
        assert studio.residence.plan.name == estimate.plan.name
        assert card.peak <= estimate.peak
        assert (picture.pixels == expected.pixels).all()


def test_a_card_that_has_less_than_it_says_loses_no_job(model, sizes, expected):
    streamed, too_much = (
        run_with(model, sizes, name, expected) for name in ("streamed", "in-turns")
    )
    events = []
    card = PretendedCard((streamed + too_much) // 2, told=1 << 40)
    studio = on_card(model, sizes, card)
    with card:
        (picture,) = drawn(studio, events=events)
        assert (picture.pixels == expected.pixels).all()
        assert studio.residence.plan.name == "streamed"
        assert picture.notes == tuple(e.note for e in events if isinstance(e, PlanChanged))
        assert "did not fit into memory: done again, memory plan" in picture.notes[0]
        # What failed once is not tried again.
        (again,) = drawn(studio)
    assert again.notes == ()
    assert (again.pixels == expected.pixels).all()


def test_when_no_plan_fits_the_error_says_what_to_do_and_weights_are_home(model, sizes):
    before = places(model)
    card = PretendedCard(2000, told=1 << 40)
    studio = on_card(model, sizes, card)
    with card, pytest.raises(OutOfMemoryError, match="draw smaller or in smaller batches"):
        drawn(studio)
    studio.residence.leave()
    assert places(model) == before


def test_the_limit_of_the_configuration_counts_the_reserve(model, sizes):
    card = PretendedCard()
    studio = on_card(model, sizes, card, vram=0.8)  # nothing is left beside the reserve
    studio.residence.prepare(PICTURE)
    assert studio.residence.plan.name == "streamed"


def test_an_unknown_plan_is_refused(model, sizes):
    with pytest.raises(UnknownNameError, match="memory plan 'streemed'; nearest is 'streamed'"):
        OnCard(model, sizes, PretendedCard(), wished="streemed")


def test_weights_changed_on_the_card_are_kept(model, sizes):
    card = PretendedCard()
    residence = OnCard(model, sizes, card, wished="in-turns")
    residence.prepare(PICTURE)
    weight = model.unet.out[2].weight
    with card:
        residence.begin(Phase.DENOISE)
        weight.data = card.put(weight.data + 1)
        changed = weight.data.clone()
        residence.begin(Phase.DECODE)
        assert not card.holds(weight.data)
        assert torch.equal(weight.data, changed)


@pytest.mark.parametrize("name", ["in-turns", "streamed"])
@pytest.mark.parametrize("branches", [True, False])
def test_networks_are_worn_wherever_the_weights_are(model, sizes, name, branches):
    generator = torch.Generator().manual_seed(3)
    parameter = "middle_block.1.transformer_blocks.0.attn1.to_q.weight"
    weight = model.unet.get_parameter(parameter)
    lora = Lora(
        up=torch.randn(len(weight), 2, generator=generator),
        down=torch.randn(2, weight.shape[1], generator=generator),
    )
    change = Change(target=Target(part="unet", parameter=parameter), layer=lora)
    asked = (
        torch.ones(1, 4, 8, 8) * 0.3,
        torch.tensor([500.0]),
        torch.ones(1, 40) * 0.1,
        torch.linspace(-1, 1, 77 * 20).view(1, 77, 20),
    )
    plain = model.unet(*asked)
    worn = [[Share(change=change)]]
    with applied({"unet": model.unet}, worn, branches=branches) as switch:
        switch.to([0.7])
        expected = model.unet(*asked)
    card = PretendedCard()
    residence = OnCard(model, sizes, card, wished=name)
    residence.prepare(PICTURE)
    before = places(model)
    with card, applied({"unet": model.unet}, worn, branches=branches) as switch:
        switch.to([0.7])
        # Weights lie elsewhere in memory, and kernels for other alignments round otherwise.
        assert torch.allclose(residence.network(*asked), expected, rtol=0, atol=1e-5)
        switch.to([0.0])
        assert torch.allclose(residence.network(*asked), plain, rtol=0, atol=1e-5)
    residence.leave()
    assert places(model) == before
    assert not torch.allclose(expected, plain, rtol=0, atol=1e-3)


def test_eight_bits_are_close_and_said(model, sizes):
    x, t = torch.ones(1, 4, 8, 8) * 0.3, torch.tensor([500.0])
    vector, context = torch.ones(1, 40) * 0.1, torch.linspace(-1, 1, 77 * 20).view(1, 77, 20)
    exact = model.unet(x, t, vector, context)
    store_in_8_bits(model.unet)
    stored = model.unet(x, t, vector, context)
    distance = ((stored - exact).norm() / exact.norm()).item()
    assert 1e-4 < distance < 0.2
    assert bad_values(model.unet) == []
    studio = studio_for(model, AtHome(model))
    assert studio.residence.plan.formats.is_fp8
    (picture,) = drawn(studio)
    (said,) = picture.recipe.numerics.approximations
    assert said.name == FP8_WEIGHTS


def test_values_beyond_eight_bits_are_cut_off(model):
    model.unet.out[2].weight.data.fill_(1e6)
    store_in_8_bits(model.unet)
    assert (model.unet.out[2].weight.float() == 448).all()


def test_at_home_only_tiles_shrink(model):
    home = AtHome(model)
    home.begin(Phase.DENOISE)
    assert not home.shrink()
    home.begin(Phase.DECODE)
    sides = []
    while home.shrink():
        sides.append(home.plan.tile)
    assert sides == [1024, 768, 512, 256]


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("DefaultCPUAllocator: not enough memory")]
)
def test_a_cpu_that_runs_out_decodes_in_tiles(model, error):
    studio = studio_for(model, AtHome(model))
    listener = Listener(tell=lambda event: None, cancelled=lambda: False)
    work = Work(studio=studio, recipes=(RECIPE,), listener=listener, supplies=NOTHING_ELSE)
    tiles = []

    def run(work):
        studio.residence.begin(Phase.DECODE)
        tiles.append(work.tile)
        if work.tile != 768:
            raise error
        return Canvas(notes=("earlier",))

    canvas, after = within_memory("decoding", work, run)
    assert tiles == [0, 1024, 768]
    assert after.tile == 768
    assert canvas.notes[0] == "earlier"
    assert canvas.notes[-1].endswith("memory plan 'resident', tiles of 768 pixels")


def test_other_errors_are_not_taken_for_memory(model):
    studio = studio_for(model, AtHome(model))
    listener = Listener(tell=lambda event: None, cancelled=lambda: False)
    work = Work(studio=studio, recipes=(RECIPE,), listener=listener, supplies=NOTHING_ELSE)

    def run(work):
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes do not match"):
        within_memory("first pass", work, run)


def test_of_two_tiles_the_smaller_counts_and_0_is_the_whole():
    assert [smaller_tile(a, b) for a, b in ((0, 0), (0, 512), (256, 0), (256, 512))] == [
        0, 512, 256, 256,
    ]  # fmt: skip


def test_a_full_size_call_stays_within_the_estimate():
    """SDXL at 832x1216 without a byte of memory: every tensor of a call is counted, none held."""
    with torch.device("meta"):
        unet = UNet(UNetConfig()).half().requires_grad_(requires_grad=False)
        autoencoder = Autoencoder(AutoencoderConfig()).bfloat16()
    shapes = {
        prefix + name: TensorInfo(dtype="F16", shape=tuple(value.shape), start=0, end=0)
        for prefix, part in ((UNET_NAMES, unet), (AUTOENCODER_NAMES, autoencoder))
        for name, value in part.state_dict().items()
    }
    whole = model_sizes(Header(path=Path("sdxl"), tensors=shapes, metadata={}))
    portrait = Planned(width=832, height=1216)
    (plan,) = [
        each
        for each in plans_for(whole, Formats(), portrait)
        if each.plan.name == "streamed" and each.plan.prefetch and each.plan.tile == 0
    ]
    card = PretendedCard(plan.of(Phase.DENOISE))
    lender = Lender(unet, card, plan.plan)
    with card:
        half = {"dtype": torch.half, "device": "meta"}
        x, text = torch.empty(2, 4, 152, 104, **half), torch.empty(2, 77, 2048, **half)
        kv = unet.context_kv(text, lender.visit)
        t, vector = torch.empty(2, device="meta"), torch.empty(2, 2816, device="meta")
        found = unet(x, t, vector, kv, without_scores, Walk(visit=lender.visit))
    assert found.shape == x.shape
    assert card.peak > 0.6 * plan.of(Phase.DENOISE)
    assert card.peak <= 3 * GIB
    decoder = PretendedCard(decode_bytes(whole, Formats(), portrait, 0))
    latents = torch.empty(1, 4, 152, 104, dtype=torch.bfloat16, device="meta")
    with decoder, torch.no_grad():
        autoencoder.decode(latents, without_scores)
    assert decoder.peak > 0.6 * decoder.budget


def without_scores(q, k, v, site):
    """Attend as fused kernels do as far as memory goes: the scores are never whole."""
    return torch.empty_like(q)
