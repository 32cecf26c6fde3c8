"""core.imaging.display_state: turning and mirroring act on what is seen."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.imaging.display_state import DisplayState

states = st.builds(DisplayState, rotation=st.sampled_from([0, 90, 180, 270]), flip=st.booleans())
STORED = np.arange(6).reshape(2, 3)


def seen(state: DisplayState) -> np.ndarray:
    flipped = STORED[:, ::-1] if state.flip else STORED
    return np.rot90(flipped, -(state.rotation // 90))


@given(states)
def test_mirroring_exchanges_left_and_right_of_what_is_seen(state: DisplayState) -> None:
    assert np.array_equal(seen(state.mirrored()), seen(state)[:, ::-1])
    assert state.mirrored().mirrored() == state


@given(states)
def test_upending_exchanges_top_and_bottom_of_what_is_seen(state: DisplayState) -> None:
    assert np.array_equal(seen(state.upended()), seen(state)[::-1])


@given(states)
def test_turning_is_clockwise(state: DisplayState) -> None:
    assert np.array_equal(seen(state.turned(90)), np.rot90(seen(state), -1))
    assert state.turned(90).turned(-90) == state
