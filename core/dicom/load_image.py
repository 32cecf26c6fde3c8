"""The one door for files: a path becomes an Image or a Refusal."""

import os
import stat
from pathlib import Path

from core.dicom.dataset import read_head
from core.dicom.dicom_image import load_dicom
from core.dicom.picture import load_picture
from core.dicom.recognize import Kind, recognize
from core.files import stamp_of
from core.imaging.image import Image
from core.refusal import Reason, Refusal

_KINDS = {
    stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device",
}


def load_image(path: Path) -> Image | Refusal:
    """Open a DICOM, PNG, JPEG, TIFF, BMP or WebP file, told apart by content; frames are decoded on demand.

    Never raises for anything that a file can hold: what cannot be opened is a Refusal with the reason. May be called
    from any thread.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            return _of_folder(path)
        if not stat.S_ISREG(status.st_mode):  # to open a pipe would wait for ever: nobody looks whether it is another
            return Refusal(Reason.NOT_A_FILE, path, {"detail": _KINDS.get(stat.S_IFMT(status.st_mode), "")})
        head = read_head(path)
    except FileNotFoundError:
        return Refusal(Reason.NOT_FOUND, path)
    except PermissionError:
        return Refusal(Reason.NOT_PERMITTED, path)
    except OSError as error:
        return Refusal(Reason.FAILED, path, {"detail": error.strerror or ""})
    if not head:
        return Refusal(Reason.EMPTY_FILE, path)
    kind = recognize(head)
    if kind is None:
        return Refusal(Reason.NOT_AN_IMAGE, path)
    if kind is Kind.DICOM:
        return load_dicom(path, head, stamp_of(status))
    return load_picture(path, kind, stamp_of(status))


def _of_folder(path: Path) -> Refusal:
    """Return why a folder is no image. Of one that may not be read that is told: there may be films in it.

    Raises OSError where it cannot be read for another reason.
    """
    try:
        os.scandir(path).close()
    except PermissionError:
        return Refusal(Reason.NOT_PERMITTED, path, {"kind": "folder"})
    return Refusal(Reason.NOT_A_FILE, path, {"detail": "a folder"})
