"""Bytes that lie in words of 16 bits, as VR OW has them (PS3.5 7.3)."""

import numpy as np
from numpy.typing import NDArray


def swapped_words(raw: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the bytes of big endian words, the first of each in its second byte, in their order; whole words only."""
    return raw[:raw.size // 2 * 2].reshape(-1, 2)[:, ::-1].reshape(-1)
