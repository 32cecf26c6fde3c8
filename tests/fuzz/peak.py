"""The most memory that this process has held, where the system tells."""

from pathlib import Path

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def forget_peak() -> int:
    """Begin to watch anew; return how many bytes are held now."""
    if _CLEAR.exists():
        _CLEAR.write_text("5", encoding="ascii")
    return peak_bytes()


def peak_bytes() -> int:
    """Return the most bytes that were held since `forget_peak`; 0 where the system does not tell."""
    if not _STATUS.exists():
        return 0
    lines = _STATUS.read_text(encoding="ascii").splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)
