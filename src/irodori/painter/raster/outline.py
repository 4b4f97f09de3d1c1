"""Paths: ellipses, smooth curves through points, limbs and locks, in plain coordinates."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

import skia

Point: TypeAlias = tuple[float, float]


def polygon(*points: Point) -> skia.Path:
    """Return a closed path with straight sides."""
    return polyline(*points).close()


def polyline(*points: Point) -> skia.Path:
    """Return an open path with straight pieces."""
    path = skia.Path().moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    return path


def ellipse(x: float, y: float, rx: float, ry: float) -> skia.Path:
    """Return an ellipse around (x, y)."""
    return skia.Path().addOval(skia.Rect.MakeLTRB(x - rx, y - ry, x + rx, y + ry))


def box(left: float, top: float, right: float, bottom: float, radius: float = 0.0) -> skia.Path:
    """Return a rectangle, its corners rounded by `radius`."""
    rect = skia.Rect.MakeLTRB(left, top, right, bottom)
    if radius:
        return skia.Path().addRoundRect(rect, radius, radius)
    return skia.Path().addRect(rect)


def smooth(points: Sequence[Point], *, closed: bool = True) -> skia.Path:
    """Return a smooth path through the points (Catmull-Rom, tension 0.5, as cubics)."""
    count = len(points)
    path = skia.Path().moveTo(*points[0])
    for i in range(count if closed else count - 1):
        if closed:
            p0, p1, p2, p3 = (points[(i + k) % count] for k in (-1, 0, 1, 2))
        else:
            p0, p1 = points[max(0, i - 1)], points[i]
            p2, p3 = points[i + 1], points[min(count - 1, i + 2)]
        path.cubicTo(
            p1[0] + (p2[0] - p0[0]) / 6,
            p1[1] + (p2[1] - p0[1]) / 6,
            p2[0] - (p3[0] - p1[0]) / 6,
            p2[1] - (p3[1] - p1[1]) / 6,
            *p2,
        )
    return path.close() if closed else path


def mirrored(points: Sequence[Point]) -> list[Point]:
    """Return the points followed by their mirror images, walked back: a symmetric contour.

    The points run down the right side (x >= 0); those on the axis are not doubled.
    """
    return [*points, *((-x, y) for x, y in reversed(points) if abs(x) > 1e-9)]


def limb(
    joints: Sequence[Point], widths: Sequence[float], *, cap: float = 0.8, start: float = 0.0
) -> skia.Path:
    """Return an arm or a leg: a tube of the given half widths along the joints.

    Args:
        joints: two or more points.
        widths: half width at each joint.
        cap: how far the far end bulges, in half widths.
        start: how far the near end does.
    """
    normals = _normals(joints)
    left = [
        (x + nx * w, y + ny * w)
        for (x, y), (nx, ny), w in zip(joints, normals, widths, strict=True)
    ]
    right = [
        (x - nx * w, y - ny * w)
        for (x, y), (nx, ny), w in zip(joints, normals, widths, strict=True)
    ]
    (ax, ay), (bx, by) = joints[-2], joints[-1]
    length = math.hypot(bx - ax, by - ay) or 1.0
    bulge = cap * widths[-1] * 1.3
    tip = (bx + (bx - ax) / length * bulge, by + (by - ay) / length * bulge)
    path = smooth(left, closed=False)
    path.quadTo(*tip, *right[-1])
    back = list(reversed(right))
    for (x0, y0), (x1, y1) in pairwise(back):
        path.quadTo((x0 + x1) / 2 + (x0 - x1) * 0.001, (y0 + y1) / 2, x1, y1)
    if start:
        (ax, ay), (bx, by) = joints[0], joints[1]
        length = math.hypot(bx - ax, by - ay) or 1.0
        bulge = start * widths[0] * 1.3
        path.quadTo(ax - (bx - ax) / length * bulge, ay - (by - ay) / length * bulge, *left[0])
    return path.close()


def lock(root: Point, tip: Point, *, width: float, bend: float = 0.0) -> skia.Path:
    """Return a tapered strand of hair from a root `2 * width` wide to a pointed tip."""
    middle_x, middle_y = (root[0] + tip[0]) / 2 + bend, (root[1] + tip[1]) / 2
    return (
        skia.Path()
        .moveTo(root[0] - width, root[1])
        .quadTo(middle_x - width * 1.15, middle_y, *tip)
        .quadTo(middle_x + width * 1.15, middle_y, root[0] + width, root[1])
        .close()
    )


def along(joints: Sequence[Point], share: float) -> list[Point]:
    """Return the first `share` (0..1) of a polyline, by length."""
    lengths = [math.dist(a, b) for a, b in pairwise(joints)]
    left = sum(lengths) * share
    points = [joints[0]]
    for (a, b), length in zip(pairwise(joints), lengths, strict=True):
        if left <= length:
            part = left / length if length else 0.0
            points.append((a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part))
            break
        points.append(b)
        left -= length
    return points


def _normals(joints: Sequence[Point]) -> list[Point]:
    directions = []
    for (ax, ay), (bx, by) in pairwise(joints):
        length = math.hypot(bx - ax, by - ay) or 1.0
        directions.append(((bx - ax) / length, (by - ay) / length))
    normals = []
    for i in range(len(joints)):
        before, after = directions[max(0, i - 1)], directions[min(i, len(directions) - 1)]
        dx, dy = before[0] + after[0], before[1] + after[1]
        length = math.hypot(dx, dy) or 1.0
        normals.append((-dy / length, dx / length))
    return normals
