"""pydicom, all of it before any part.

Two threads that import it for the first time at once, one by a part of it, wait for each other's locks; Python ends
that by handing out modules that are not whole, and both imports fail. Whoever imports the package itself first waits
for nothing but the package.
"""


def import_whole_pydicom() -> None:
    """Import pydicom as the first thing that a thread may need of it."""
    import pydicom  # noqa: F401
