"""Textual inversions: files of vectors that stand for a word in a prompt.

Source: Gal et al. 2022, arXiv:2208.01618; compat 2.9 for files and for how a prompt names them.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from torch import Tensor, nn

from irodori.engine.loading.checkpoint import ModelParts
from irodori.engine.loading.tensors import PICKLED, read_tensors, unpickled
from irodori.engine.lora.network import Stamp, stamp_of
from irodori.errors import ModelFileError
from irodori.prompt.chunk import EmbeddingTable
from irodori.prompt.tokenizer import Tokenizer

_KEPT: Final = 256
_CLIP_L: Final = "clip_l"
_CLIP_G: Final = "clip_g"
_A1111_TABLE: Final = "string_to_param"
_A1111_NAME: Final = "*"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Embedding:
    """A word's vectors, one row a token position.

    Attributes:
        clip_l: float32 [n, width of L].
        clip_g: float32 [n, width of G].
    """

    clip_l: Tensor
    clip_g: Tensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vocabulary:
    """The embeddings that a text may name.

    Attributes:
        table: finds them in the text's tokens.
        embeddings: by name.
        key: what they are known by, as a value.
        notes: which files a text names and cannot use, for people.
    """

    table: EmbeddingTable | None
    embeddings: Mapping[str, Embedding]
    key: tuple[Stamp, ...]
    notes: tuple[str, ...] = ()


NO_EMBEDDINGS: Final = Vocabulary(table=None, embeddings={}, key=())


class EmbeddingShelf:
    """Reads embeddings when a text may name them, and keeps them while their files stay the same.

    Args:
        parts: of the model; their widths decide what fits.
        tokenizer: CLIP's.
        find_all: gives the files there are, by name.
    """

    def __init__(
        self,
        parts: ModelParts,
        tokenizer: Tokenizer,
        find_all: Callable[[], Mapping[str, Path]] = dict,
    ) -> None:
        self._widths = (parts.configs.text_l.width, parts.configs.text_g.width)
        self._tokenizer = tokenizer
        self._find_all = find_all
        self._known: OrderedDict[Stamp, Embedding | ModelFileError] = OrderedDict()

    def for_text(self, text: str) -> Vocabulary:
        """Return the embeddings that a text may name; what cannot be used is told in the notes.

        Tokens ignore blanks and letter case, so a name is looked for without them.
        """
        squeezed = _squeezed(text)
        named = {
            name: path for name, path in self._find_all().items() if _squeezed(name) in squeezed
        }
        if not named:
            return NO_EMBEDDINGS
        found: dict[str, Embedding] = {}
        stamps, notes = [], []
        for name, path in named.items():
            stamp, embedding = self._read(path)
            if isinstance(embedding, ModelFileError):
                notes.append(f"embedding '{name}' is not used: {embedding}")
            else:
                found[name] = embedding
                stamps.append(stamp)
        vectors = {name: len(embedding.clip_l) for name, embedding in found.items()}
        return Vocabulary(
            table=EmbeddingTable(self._tokenizer, vectors),
            embeddings=found,
            key=tuple(stamps),
            notes=tuple(notes),
        )

    def _read(self, path: Path) -> tuple[Stamp, Embedding | ModelFileError]:
        stamp = stamp_of(path)
        embedding = self._known.pop(stamp, None)
        if embedding is None:
            try:
                embedding = load_embedding(path, *self._widths)
            except ModelFileError as error:
                embedding = error
        self._known[stamp] = embedding
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return stamp, embedding


def load_embedding(path: Path, width_l: int, width_g: int) -> Embedding:
    """Return a textual inversion for a model.

    Read are `clip_l` and `clip_g` (SDXL), A1111's `string_to_param`, and a single tensor under any
    name (diffusers' concepts); a tensor as wide as both encoders is cut between them.

    Args:
        path: a safetensors file, or one that torch pickled.
        width_l: of the first text encoder, 768 for SDXL.
        width_g: of the second, 1280 for SDXL.

    Raises:
        ModelFileError: the file cannot be read, or is for other models.
    """
    tensors = _tensors(path)
    both = {name: _rows(tensors[name]) for name in (_CLIP_L, _CLIP_G) if name in tensors}
    if len(both) == 2:
        clip_l, clip_g = both[_CLIP_L], both[_CLIP_G]
    else:
        found = [_rows(tensor) for tensor in tensors.values() if tensor.dim() in (1, 2)]
        if len(found) != 1:
            raise ModelFileError(f"'{path}' is no textual inversion: it has {list(tensors)}")
        clip_l, clip_g = found[0][:, :width_l], found[0][:, width_l:]
    widths = (clip_l.shape[1], clip_g.shape[1])
    if widths != (width_l, width_g) or len(clip_l) != len(clip_g):
        raise ModelFileError(
            f"'{path}' is a textual inversion for other models: its vectors have "
            f"{sum(widths)} numbers where this model's text encoders have {width_l} + {width_g}"
        )
    if not (clip_l.isfinite().all() and clip_g.isfinite().all()):
        raise ModelFileError(f"'{path}' is damaged: it has values that are no numbers")
    return Embedding(clip_l=clip_l, clip_g=clip_g)


def put_in(rows: Tensor, places: list[tuple[int, int, Tensor]]) -> Tensor:
    """Return embedded tokens with vectors put in their places.

    Args:
        rows: [B, 77, width], what an encoder's `embed` gives.
        places: chunk, position in its row of 77, and vectors [n, width]; vectors that would reach
            the row's last position are cut.
    """
    if not places:
        return rows
    rows = rows.clone()
    for chunk, position, vectors in places:
        room = rows.shape[1] - 1 - position
        kept = vectors[:room].to(rows)
        rows[chunk, position : position + len(kept)] = kept
    return rows


def _tensors(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a file; of A1111's, the one vector table it holds."""
    if path.suffix.lower() not in PICKLED:
        return dict(read_tensors(path).tensors)
    found = unpickled(path)
    if isinstance(found, Tensor):
        return {path.stem: found.detach()}
    if not isinstance(found, dict):
        raise ModelFileError(f"'{path}' is no textual inversion")
    table = found.get(_A1111_TABLE)
    if isinstance(table, Mapping | nn.ParameterDict):
        found = {_A1111_NAME: table[_A1111_NAME]} if _A1111_NAME in table else dict(table.items())
    return {
        str(name): tensor.detach() for name, tensor in found.items() if isinstance(tensor, Tensor)
    }


def _rows(tensor: Tensor) -> Tensor:
    """Return vectors [n, width], float32; a single one may have come without its first axis."""
    return tensor.float().reshape(-1, tensor.shape[-1])


def _squeezed(text: str) -> str:
    return "".join(text.casefold().split())
