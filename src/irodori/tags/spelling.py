"""How many letters two names differ by."""


def distance(one: str, other: str, limit: int) -> int | None:
    """Return the edits that turn one text into the other, or None where more than `limit`.

    An edit adds, drops or changes a letter, or swaps two neighbours; no letter is edited twice
    (optimal string alignment). Only the part in which the texts differ is compared, in a band as
    wide as the limit allows.
    """
    if abs(len(one) - len(other)) > limit:
        return None
    one, other = _differing(one, other)
    if not one or not other:
        return len(one) + len(other)  # within the limit: their lengths differ by no more
    far = limit + 1
    before: list[int] = []
    above = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        row = [i] + [far] * len(other)
        for j in range(max(1, i - limit), min(len(other), i + limit) + 1):
            opposite = other[j - 1]
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != opposite))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == opposite:
                cost = min(cost, before[j - 2] + 1)
            row[j] = cost
        if min(row) > limit:
            return None
        before, above = above, row
    return above[-1] if above[-1] <= limit else None


def distance_of_beginning(one: str, other: str, limit: int) -> int | None:
    """Return the least edits that turn a text into a beginning of the other, as `distance` does.

    Of the beginnings whose length differs from the text's by no more than the limit; None where
    each takes more edits than that.
    """
    shortest = max(len(one) - limit, 0)
    longest = min(len(one) + limit, len(other))
    found = [
        edits
        for size in range(shortest, longest + 1)
        if (edits := distance(one, other[:size], limit)) is not None
    ]
    return min(found, default=None)


def _differing(one: str, other: str) -> tuple[str, str]:
    """Return both texts without the beginning and the end that they share."""
    shortest = min(len(one), len(other))
    start = 0
    while start < shortest and one[start] == other[start]:
        start += 1
    end = 0
    while end < shortest - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return one[start : len(one) - end], other[start : len(other) - end]
