"""Textual inversions: every format, and the same conditioning as with tokens put in by hand."""

import pytest
import torch
from safetensors.torch import save_file

from irodori.app.models import SHIPPED
from irodori.engine.embeddings import EmbeddingShelf, load_embedding, put_in
from irodori.engine.listener import Listener
from irodori.engine.pipeline import draw, open_studio
from irodori.engine.text import TextEncoders, TextSettings, encode_texts
from irodori.errors import ModelFileError
from irodori.prompt import chunk, load_tokenizer
from irodori.recipe.parts import Base, Noise
from irodori.recipe.recipe import Recipe

TOKENIZER = load_tokenizer()


@pytest.fixture(scope="module")
def studio():
    return open_studio(SHIPPED, device="cpu")


@pytest.fixture(scope="module")
def widths(studio):
    configs = studio.model.configs
    return configs.text_l.width, configs.text_g.width


def numbers(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def test_every_format_gives_the_same_vectors(tmp_path):
    clip_l, clip_g = numbers(3, 8), numbers(3, 12)
    whole = torch.cat((clip_l, clip_g), 1)
    parameters = torch.nn.ParameterDict({"*": torch.nn.Parameter(whole)})
    written = {
        "sdxl.safetensors": {"clip_l": clip_l, "clip_g": clip_g},
        "concept.safetensors": {"<word>": whole},
        "sdxl.pt": {"clip_l": clip_l, "clip_g": clip_g},
        "a1111.pt": {"string_to_token": {"*": 265}, "string_to_param": {"*": whole}, "step": 900},
        "old.bin": {"<word>": torch.nn.Parameter(whole)},
        "bare.pt": whole,
        "first.pt": {"string_to_param": parameters},
    }
    for name, content in written.items():
        path = tmp_path / name
        save = save_file if path.suffix == ".safetensors" else torch.save
        save(content, path)
        found = load_embedding(path, 8, 12)
        assert torch.equal(found.clip_l, clip_l), name
        assert torch.equal(found.clip_g, clip_g), name


def test_a_single_vector_may_lack_its_first_axis(tmp_path):
    save_file({"word": numbers(20)}, tmp_path / "one.safetensors")
    assert load_embedding(tmp_path / "one.safetensors", 8, 12).clip_g.shape == (1, 12)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"emb_params": numbers(2, 8)}, "8 numbers where this model's text encoders have 8 [+] 12"),
        ({"clip_l": numbers(2, 8), "clip_g": numbers(3, 12)}, "for other models"),
        ({"a": numbers(2, 20), "b": numbers(2, 20)}, "no textual inversion"),
        ({"word": torch.full((1, 20), float("inf"))}, "damaged"),
    ],
)
def test_files_that_are_of_no_use_are_refused_in_words(tmp_path, content, said):
    save_file(content, tmp_path / "word.safetensors")
    with pytest.raises(ModelFileError, match=said):
        load_embedding(tmp_path / "word.safetensors", 8, 12)


def test_code_in_a_pickled_file_is_refused(tmp_path):
    torch.save({"string_to_param": {"*": print}}, tmp_path / "evil.pt")
    with pytest.raises(ModelFileError, match="can run code"):
        load_embedding(tmp_path / "evil.pt", 8, 12)


def test_vectors_are_put_behind_the_beginning_and_cut_before_the_end():
    rows = torch.zeros(2, 77, 4)
    vectors = torch.ones(75, 4)
    found = put_in(rows, [(1, 70, vectors), (0, 1, vectors[:2])])
    assert not rows.any(), "the given rows stay as they are"
    assert found[0].nonzero()[:, 0].unique().tolist() == [1, 2]
    assert found[1].nonzero()[:, 0].unique().tolist() == list(range(70, 76))


def test_a_text_with_an_embedding_equals_the_tokens_it_was_made_of(studio, widths, tmp_path):
    """An embedding made of the table's rows for `green hair` encodes as `green hair` does."""
    ids = torch.tensor([TOKENIZER.encode("green hair")])
    clip_l = studio.model.text_l.embed(ids)[0]
    clip_g = studio.model.text_g.embed(ids)[0]
    path = tmp_path / "verdant.safetensors"
    save_file({"clip_l": clip_l.contiguous(), "clip_g": clip_g.contiguous()}, path)
    shelf = EmbeddingShelf(studio.model, TOKENIZER, lambda: {"verdant": path})
    encoders = TextEncoders(text_l=studio.model.text_l, text_g=studio.model.text_g)
    settings = TextSettings()
    text = "1girl, (Verdant:1.2), smile"
    vocabulary = shelf.for_text(text)
    chunks = chunk(text, TOKENIZER, embeddings=vocabulary.table).chunks
    assert [(one.name, one.offset, one.vectors) for one in chunks[0].embeddings] == [
        ("verdant", 3, 2)
    ]
    plain = chunk("1girl, (green hair:1.2), smile", TOKENIZER).chunks
    (found,) = encode_texts(encoders, [chunks], settings, vocabulary.embeddings)
    (wanted,) = encode_texts(encoders, [plain], settings)
    torch.testing.assert_close(found.context, wanted.context, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(found.pooled, wanted.pooled, atol=1e-5, rtol=1e-5)


def test_embeddings_land_in_later_chunks_and_in_batches_too(studio, widths, tmp_path):
    path = tmp_path / "word.safetensors"
    save_file({"clip_l": numbers(4, widths[0]), "clip_g": numbers(4, widths[1])}, path)
    shelf = EmbeddingShelf(studio.model, TOKENIZER, lambda: {"word": path})
    encoders = TextEncoders(text_l=studio.model.text_l, text_g=studio.model.text_g)
    texts = ["1girl BREAK smile, word", "1girl BREAK smile"]
    vocabulary = shelf.for_text("\n".join(texts))
    chunks = [chunk(text, TOKENIZER, embeddings=vocabulary.table).chunks for text in texts]
    settings = TextSettings(together=True)
    first, second = encode_texts(encoders, chunks, settings, vocabulary.embeddings)
    assert torch.equal(first.context[:, :77], second.context[:, :77])
    assert not torch.allclose(first.context[:, 77:], second.context[:, 77:])


def recipe(prompt, negative=""):
    base = Base(sampler="Euler", steps=2, cfg_scale=3.0, width=64, height=64)
    return Recipe(prompt=prompt, negative_prompt=negative, noise=Noise(seed=3), base=base)


def drawn(studio, *prompts):
    return draw(studio, [recipe(*prompts)], Listener(tell=lambda _: None, cancelled=lambda: False))


def test_a_picture_follows_its_embedding_and_a_changed_file(widths, tmp_path):
    path = tmp_path / "word.safetensors"
    save_file({"clip_l": numbers(4, widths[0]), "clip_g": numbers(4, widths[1])}, path)
    studio = open_studio(SHIPPED, device="cpu", find_embeddings=lambda: {"word": path})
    first = drawn(studio, "1girl, word")[0]
    assert first.notes == ()
    assert not torch.equal(first.latents, drawn(studio, "1girl, words")[0].latents)
    save_file({"clip_l": numbers(2, widths[0]), "clip_g": numbers(2, widths[1])}, path)
    assert not torch.equal(first.latents, drawn(studio, "1girl, word")[0].latents)


def test_an_embedding_for_other_models_is_told_and_its_name_is_text(tmp_path):
    path = tmp_path / "old.safetensors"
    save_file({"emb_params": numbers(1, 768)}, path)
    studio = open_studio(SHIPPED, device="cpu", find_embeddings=lambda: {"old": path})
    picture = drawn(studio, "1girl, old")[0]
    assert "embedding 'old' is not used" in picture.notes[0]
    assert "for other models" in picture.notes[0]
    plain = open_studio(SHIPPED, device="cpu")
    assert torch.equal(picture.latents, drawn(plain, "1girl, old")[0].latents)
