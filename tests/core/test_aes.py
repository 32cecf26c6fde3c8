"""AES as FIPS 197 and SP 800-38A have it, and encrypted zip archives that another program wrote."""

import base64

import numpy as np
import pytest

from core.refusal import Reason, Refusal
from core.studies.aes import CounterMode, encrypt_blocks, expand_key
from core.studies.archive import unpack

# an entry a.txt of "hello world " three times, with the password "word", written by pyzipper
FOREIGN = {
    "128 bits, stored": (
        "UEsDBBQAAQBjAJtWdV0AAAAAOAAAACQAAAAFAAsAYS50eHQBmQcAAgBBRQEAAGItzkoFqKgZy59DZrL4xO2vaMDu154/e9nwk220"
        "q96Bs1MQ9+y+Ce2u0+xgOe7A/TnmbcS8TSAoUEsBAhQDFAABAGMAm1Z1XQAAAAA4AAAAJAAAAAUACwAAAAAAAAAAAIABAAAAAGEu"
        "dHh0AZkHAAIAQUUBAABQSwUGAAAAAAEAAQA+AAAAZgAAAAAA"
    ),
    "256 bits, deflated": (
        "UEsDBBQAAQBjAJtWdV0AAAAALQAAACQAAAAFAAsAYS50eHQBmQcAAgBBRQMIAGs39rjTAXzp1G1nJiuRNBn0q1gKXgu4WBt57/n5"
        "IiEQZNULu6AdouSmfvlC4VBLAQIUAxQAAQBjAJtWdV0AAAAALQAAACQAAAAFAAsAAAAAAAAAAACAAQAAAABhLnR4dAGZBwACAEFF"
        "AwgAUEsFBgAAAAABAAEAPgAAAFsAAAAAAA=="
    ),
}
CONTENT = b"hello world " * 3


@pytest.fixture(params=FOREIGN)
def archive(request, tmp_path):
    (tmp_path / "into").mkdir()
    (tmp_path / "a.zip").write_bytes(base64.b64decode(FOREIGN[request.param]))
    return tmp_path / "a.zip"


def unpacked(archive, password="word") -> Refusal | bytes:
    (found,) = unpack(archive, archive.parent / "into", password)
    return found if isinstance(found, Refusal) else found.read_bytes()


@pytest.mark.parametrize(("length", "cipher"), [
    (16, "69c4e0d86a7b0430d8cdb78070b4c55a"), (24, "dda97ca4864cdfe06eaf70a0ec0d7191"),
    (32, "8ea2b7ca516745bfeafc49904b496089"),
])
def test_the_examples_of_fips_197_hold(length, cipher):
    block = np.frombuffer(bytes.fromhex("00112233445566778899aabbccddeeff"), np.uint8).reshape(1, 16)
    assert encrypt_blocks(expand_key(bytes(range(length))), block).tobytes().hex() == cipher


def test_the_example_blocks_of_sp_800_38a_hold_together():
    key = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
    plain = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    cipher = "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf"
    blocks = np.frombuffer(bytes.fromhex(plain), np.uint8).reshape(2, 16)
    assert encrypt_blocks(expand_key(key), blocks).tobytes().hex() == cipher


def test_the_counter_goes_on_from_piece_to_piece():
    content = bytes(range(256)) * 3 + b"rest"
    one, other = CounterMode(bytes(32)), CounterMode(bytes(32))
    assert one.apply(content) == other.apply(content[:64]) + other.apply(content[64:])


def test_a_foreign_archive_opens_with_its_password_only(archive):
    assert unpacked(archive, "").reason is Reason.PASSWORD_NEEDED
    assert unpacked(archive, "other").reason is Reason.PASSWORD_WRONG
    assert unpacked(archive) == CONTENT


def test_a_changed_byte_is_noticed(archive):
    raw = bytearray(archive.read_bytes())
    raw[raw.index(b"PK\x01\x02") - 12] ^= 1  # the last of the content, before the code
    archive.write_bytes(raw)
    assert unpacked(archive).reason is Reason.DAMAGED


def test_an_unknown_strength_is_said(archive):
    raw = archive.read_bytes()
    at = raw.rindex(b"AE")
    archive.write_bytes(raw[:at + 2] + b"\x09" + raw[at + 3:])
    assert unpacked(archive).reason is Reason.PACKING
