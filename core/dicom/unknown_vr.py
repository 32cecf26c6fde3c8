"""What pydicom's reading of VR UN lacks; importing this module puts it right.

A value that is too long for the two bytes of its VR's length is written as UN (PS3.5 6.2.2 Note 2): a contour of
thousands of points, a table of thousands of entries. pydicom gives a public element of UN the VR of its dictionary,
though none whose value has 65535 bytes or more, which are the very ones that the standard means.
"""

from typing import Any

from pydicom import hooks
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement


def known_vr(raw: RawDataElement, data: dict[str, Any], **others: Any) -> None:
    """Set the VR of an unconverted element in `data`, as pydicom does, and that of its tag where UN is left."""
    hooks.raw_element_vr(raw, data, **others)
    if data["VR"] == "UN" and not raw.tag.is_private:
        try:
            data["VR"] = dictionary_VR(raw.tag)
        except KeyError:  # younger than the dictionary
            return


hooks.hooks.register_callback("raw_element_vr", known_vr)
