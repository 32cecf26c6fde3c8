"""core.memory: what the machine has, or the container allows."""

from core import memory


def test_there_is_some_memory():
    assert memory.memory_bytes() > 64 << 20


def test_the_limit_of_a_container_counts(tmp_path, monkeypatch):
    (tmp_path / "memory.max").write_text("123456789\n")
    (tmp_path / "unlimited").write_text("max\n")
    names = [str(tmp_path / name) for name in ("unlimited", "missing", "memory.max")]
    monkeypatch.setattr(memory, "_CONTAINER_LIMITS", tuple(names))
    assert memory.memory_bytes() == 123456789
