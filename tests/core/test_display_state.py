import dataclasses

import pytest

from core.imaging.display_state import DisplayState
from core.imaging.window import Window


def test_a_new_state_shows_the_files_own_window_fitted_and_upright():
    state = DisplayState()
    assert state.voi is None
    assert state.zoom is None
    assert state.center is None
    assert (state.invert, state.rotation, state.flip) == (False, 0, False)


def test_a_state_is_a_value_that_cannot_change():
    state = DisplayState(voi=Window(40, 400), zoom=2.0)
    assert state == DisplayState(voi=Window(40, 400), zoom=2.0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        state.zoom = 1.0
    assert dataclasses.replace(state, invert=True) != state
