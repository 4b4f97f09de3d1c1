"""What can be seen of a scene: pose, camera and crop hide things, and hidden things have no tag.

The predicates here are the only place that decides it; `naming` and `truth` ask them, and a test
holds them against the label map of the drawn picture.
"""

from typing import Final

from irodori.painter.medium import Style
from irodori.painter.palette import Colour
from irodori.painter.scene import (
    Accessory,
    Bottom,
    Camera,
    EyeState,
    Framing,
    Garment,
    Gaze,
    HairLength,
    HairStyle,
    Legwear,
    Neckwear,
    Person,
    Pose,
    Prop,
    Scene,
)

_DEPTH: Final = {
    Framing.PORTRAIT: 0,
    Framing.UPPER_BODY: 1,
    Framing.COWBOY_SHOT: 2,
    Framing.FULL_BODY: 3,
}
FREE_STYLES: Final = frozenset(
    {HairStyle.LOOSE, HairStyle.MESSY, HairStyle.WAVY, HairStyle.TWO_SIDE_UP}
)
"""Styles in which the back hair falls freely over the shoulders."""

BUNS: Final = frozenset({HairStyle.HAIR_BUN, HairStyle.DOUBLE_BUN})
HATS: Final = frozenset(
    {
        Accessory.HAT,
        Accessory.STRAW_HAT,
        Accessory.WITCH_HAT,
        Accessory.BERET,
        Accessory.BASEBALL_CAP,
        Accessory.TOP_HAT,
        Accessory.SANTA_HAT,
    }
)
GREY_STYLES: Final = frozenset({Style.SKETCH, Style.MONOCHROME})
_ONE_PIECE: Final = frozenset({Garment.DRESS, Garment.SUNDRESS, Garment.APRON})


def reaches(scene: Scene, framing: Framing) -> bool:
    """Return whether the picture shows as much of a person as the framing does, or more."""
    return _DEPTH[scene.framing] >= _DEPTH[framing]


def has_colour(scene: Scene) -> bool:
    """Return whether colours can be told apart at all."""
    return scene.style not in GREY_STYLES


def shows_face(scene: Scene, person: Person) -> bool:
    """Return whether the face is towards the camera, at least in profile."""
    return scene.camera is not Camera.BEHIND or person.face.gaze is Gaze.BACK


def in_profile(scene: Scene) -> bool:
    """Return whether heads are seen from the side, with one eye."""
    return scene.camera is Camera.SIDE


def eye_colours(scene: Scene, person: Person) -> tuple[Colour, ...]:
    """Return the colours of the eyes that are open and seen, from the left, without repeats."""
    face = person.face
    if not shows_face(scene, person) or not has_colour(scene) or face.state is EyeState.CLOSED:
        return ()
    if in_profile(scene):
        return (face.right_eye,)
    covered = {covered_eye(scene, person), winking_eye(scene, person)}
    seen = [c for side, c in ((-1, face.left_eye), (1, face.right_eye)) if side not in covered]
    return tuple(dict.fromkeys(seen))


def covered_eye(scene: Scene, person: Person) -> int:
    """Return the side of the eye behind an eyepatch: -1 left, 1 right in the picture, 0 none."""
    if not person.face.eyepatch or in_profile(scene):
        return 0
    return person.face.acting_eye


def winking_eye(scene: Scene, person: Person) -> int:
    """Return the side of the eye that a wink closes: -1, 1, or 0 for none."""
    if person.face.state is not EyeState.WINK or in_profile(scene):
        return 0
    return -person.face.acting_eye if person.face.eyepatch else person.face.acting_eye


def hair_length(scene: Scene, person: Person) -> HairLength | None:
    """Return the length as far as the crop shows it; None for hair that is up."""
    hair = person.hair
    if hair.style in BUNS:
        return None
    if hair.length is HairLength.VERY_LONG and not reaches(scene, Framing.COWBOY_SHOT):
        return HairLength.LONG
    return hair.length


def bangs_seen(scene: Scene, person: Person) -> bool:
    """Return whether the hair over the forehead can be told."""
    return shows_face(scene, person) and not in_profile(scene)


def ahoge_seen(scene: Scene, person: Person) -> bool:
    """Return whether an ahoge sticks out."""
    return person.hair.ahoge and person.accessory not in HATS and shows_face(scene, person)


def accessory_seen(scene: Scene, person: Person) -> bool:
    """Return whether the accessory can be seen."""
    match person.accessory:
        case None:
            return False
        case Accessory.HAIRCLIP:
            return shows_face(scene, person)
        case Accessory.WINGS:
            return reaches(scene, Framing.UPPER_BODY)
        case _:
            return True


def back_covered(scene: Scene, person: Person) -> bool:
    """Return whether long loose hair hides the back from a camera behind it."""
    long_hair = person.hair.length in {HairLength.LONG, HairLength.VERY_LONG}
    return scene.camera is Camera.BEHIND and person.hair.style in FREE_STYLES and long_hair


def garment_seen(scene: Scene, person: Person) -> bool:
    """Return whether the kind of the garment can be told."""
    outfit = person.outfit
    if back_covered(scene, person):
        return False
    if scene.framing is Framing.PORTRAIT:
        return outfit.garment not in _ONE_PIECE and outfit.neckwear is not Neckwear.SCARF
    return True


def garment_colour_seen(scene: Scene, person: Person) -> bool:
    """Return whether the garment's colour can be told."""
    if not has_colour(scene) or person.outfit.garment is Garment.ARMOR:
        return False
    if person.outfit.garment is Garment.SUNDRESS and scene.framing is Framing.PORTRAIT:
        return False
    return not back_covered(scene, person)


def open_jacket_seen(scene: Scene, person: Person) -> bool:
    """Return whether one sees that a jacket is worn open."""
    in_front = scene.camera in {Camera.FRONT, Camera.ABOVE}
    return person.outfit.open_jacket and in_front and reaches(scene, Framing.UPPER_BODY)


def bare_shoulders_seen(scene: Scene, person: Person) -> bool:
    """Return whether the shoulders are bare and in the picture."""
    return person.outfit.garment is Garment.SUNDRESS and not back_covered(scene, person)


def bottom_seen(scene: Scene, person: Person) -> bool:
    """Return whether skirt or trousers are in the picture."""
    if person.outfit.bottom is None or not reaches(scene, Framing.COWBOY_SHOT):
        return False
    return not (back_covered(scene, person) and person.hair.length is HairLength.VERY_LONG)


def legs_seen(scene: Scene, person: Person) -> bool:
    """Return whether stockings or bare legs can be told."""
    outfit = person.outfit
    if outfit.garment in {Garment.KIMONO, Garment.ARMOR} or outfit.bottom is Bottom.PANTS:
        return False
    if back_covered(scene, person) and person.hair.length is HairLength.VERY_LONG:
        return False
    if outfit.legwear is Legwear.PANTYHOSE and outfit.bottom is Bottom.SHORTS:
        return reaches(scene, Framing.COWBOY_SHOT)
    return scene.framing is Framing.FULL_BODY


def feet_seen(scene: Scene) -> bool:
    """Return whether the feet are in the picture."""
    return scene.framing is Framing.FULL_BODY


def neckwear_seen(scene: Scene, person: Person) -> bool:
    """Return whether tie, bow tie or scarf can be seen."""
    neckwear = person.outfit.neckwear
    if neckwear is None:
        return False
    if scene.camera is Camera.BEHIND:
        short = person.hair.length in {HairLength.VERY_SHORT, HairLength.SHORT}
        return neckwear is Neckwear.SCARF and (short or person.hair.style not in FREE_STYLES)
    behind_prop = in_profile(scene) and person.prop is not None
    return neckwear is Neckwear.SCARF or not behind_prop


def pose_seen(scene: Scene, person: Person) -> bool:
    """Return whether the picture shows what the arms do."""
    match person.pose:
        case Pose.ARMS_AT_SIDES:
            return reaches(scene, Framing.COWBOY_SHOT) and not back_covered(scene, person)
        case Pose.ARMS_BEHIND_BACK:
            return reaches(scene, Framing.UPPER_BODY) and not back_covered(scene, person)
        case Pose.HOLDING if person.prop is Prop.CANE:
            return reaches(scene, Framing.COWBOY_SHOT)
        case _:
            return reaches(scene, Framing.UPPER_BODY)


def posture_seen(scene: Scene) -> bool:
    """Return whether one sees that a person stands or sits."""
    return scene.framing is Framing.FULL_BODY


def gaze_seen(scene: Scene, person: Person) -> bool:
    """Return whether one sees where the eyes look."""
    return shows_face(scene, person) and person.face.state is not EyeState.CLOSED


def glasses_seen(scene: Scene, person: Person) -> bool:
    """Return whether glasses that are worn can be seen."""
    return person.face.glasses and shows_face(scene, person)
