"""Which frames to decode before they are asked for: those that scrolling will come to next."""

AHEAD, BEHIND = 8, 2  # frames in the scroll direction and against it
AROUND = 3  # on either side, where nothing tells the direction


def look_ahead(number: int, count: int, step: int = 0) -> tuple[int, ...]:
    """Return the numbers of the frames to have at hand around `number` of `count`, the most likely first.

    `step` is how far the last scroll went (its sign is the direction); 0 where the frame was jumped to.
    """
    if step == 0:
        near = [number + side * distance for distance in range(1, AROUND + 1) for side in (1, -1)]
    else:
        side = 1 if step > 0 else -1
        ahead = [number + side * distance for distance in range(1, AHEAD + 1)]
        near = [*ahead, *(number - side * distance for distance in range(1, BEHIND + 1))]
    return tuple(one for one in near if 0 <= one < count)
