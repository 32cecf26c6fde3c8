"""AES in counter mode for the entries of encrypted zip archives (FIPS 197; WinZip's AE-1 and AE-2).

Only for reading what was encrypted elsewhere: many blocks at once in NumPy, with no protection against an attacker who
measures time. All blocks of a counter are independent, so a megabyte is a few hundred array operations.
"""

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint32]
Bytes = NDArray[np.uint8]


class CounterMode:
    """The key stream of AES with a little endian counter that begins at 1, as zip archives use it."""

    def __init__(self, key: bytes) -> None:
        """`key` is 16, 24 or 32 bytes long."""
        self._keys = expand_key(key)
        self._next = 1

    def apply(self, content: bytes) -> bytes:
        """Encrypt or decrypt the next bytes; all calls but the last take a multiple of 16."""
        count = -(-len(content) // 16)
        counters = np.zeros((count, 2), "<u8")  # the upper half stays zero
        counters[:, 0] = np.arange(self._next, self._next + count, dtype=np.uint64)
        self._next += count
        stream = encrypt_blocks(self._keys, counters.view(np.uint8).reshape(count, 16)).reshape(-1)
        result: bytes = (stream[:len(content)] ^ np.frombuffer(content, np.uint8)).tobytes()
        return result


def expand_key(key: bytes) -> Words:
    """Return the round keys as big endian words (rounds + 1, 4) (FIPS 197, 5.2)."""
    length = len(key) // 4
    words = [int.from_bytes(key[4 * i:4 * i + 4], "big") for i in range(length)]
    round_constant = 1
    for i in range(length, 4 * (length + 7)):
        word = words[-1]
        if i % length == 0:
            word = _substituted((word << 8 | word >> 24) & 0xFFFFFFFF) ^ round_constant << 24
            round_constant = _doubled(round_constant)
        elif length > 6 and i % length == 4:
            word = _substituted(word)
        words.append(words[i - length] ^ word)
    return np.array(words, np.uint32).reshape(-1, 4)


def encrypt_blocks(keys: Words, blocks: Bytes) -> Bytes:
    """Return blocks (count, 16) encrypted with round keys (FIPS 197, 5.1)."""
    columns = np.ascontiguousarray(blocks).view(">u4").astype(np.uint32).T  # four arrays of words
    state = [columns[i] ^ keys[0, i] for i in range(4)]
    for key in keys[1:-1]:
        state = [
            _TABLES[0][state[i] >> 24] ^ _TABLES[1][state[(i + 1) % 4] >> 16 & 255]
            ^ _TABLES[2][state[(i + 2) % 4] >> 8 & 255] ^ _TABLES[3][state[(i + 3) % 4] & 255] ^ key[i]
            for i in range(4)
        ]
    last = [
        (_BOX[state[i] >> 24] << 24 | _BOX[state[(i + 1) % 4] >> 16 & 255] << 16
         | _BOX[state[(i + 2) % 4] >> 8 & 255] << 8 | _BOX[state[(i + 3) % 4] & 255]) ^ keys[-1, i]
        for i in range(4)
    ]
    return np.stack(last, axis=1).astype(">u4").view(np.uint8)


def _doubled(value: int) -> int:
    """Return a value times x in AES's field (FIPS 197, 4.2.1)."""
    return (value << 1 ^ 0x11B) & 0xFF if value & 0x80 else value << 1


def _make_box() -> Words:
    """Return the S-box (FIPS 197, 5.1.1): the inverse in the field, then an affine map."""
    powers, value = [], 1
    for _ in range(255):
        powers.append(value)
        value ^= _doubled(value)  # times 3, which generates the field
    inverse = [0] * 256
    for exponent, power in enumerate(powers):
        inverse[power] = powers[-exponent % 255]
    rotations = [[one << turn | one >> 8 - turn for turn in range(5)] for one in inverse]
    return np.array([(a ^ b ^ c ^ d ^ e ^ 0x63) & 0xFF for a, b, c, d, e in rotations], np.uint32)


def _make_tables() -> tuple[Words, Words, Words, Words]:
    """Return, for each place in a column, what a byte adds to the column after substitution and mixing."""
    single = [int(one) for one in _BOX]
    double = [_doubled(one) for one in single]
    first = np.array([d << 24 | s << 16 | s << 8 | (d ^ s) for s, d in zip(single, double, strict=True)], np.uint32)
    return first, _turned(first, 8), _turned(first, 16), _turned(first, 24)


def _turned(words: Words, bits: int) -> Words:
    return (words >> np.uint32(bits) | words << np.uint32(32 - bits)).astype(np.uint32)


def _substituted(word: int) -> int:
    return int.from_bytes(bytes(int(_BOX[byte]) for byte in word.to_bytes(4, "big")), "big")


_BOX = _make_box()
_TABLES = _make_tables()
