"""What pydicom's decoding of text lacks; importing this module puts it right.

ISO_IR 203 (Latin alphabet No. 9) is younger than its table. Of GB 2312 with code extensions it keeps the escape
sequences, which Python's codec then takes for text.
"""

import pydicom.charset

LATIN_9 = {"ISO_IR 203": "iso8859_15", "ISO 2022 IR 203": "iso8859_15"}

pydicom.charset.python_encoding.update(LATIN_9)
pydicom.charset.CODES_TO_ENCODINGS[b"\x1b-b"] = "iso8859_15"
pydicom.charset.ENCODINGS_TO_CODES["iso8859_15"] = b"\x1b-b"
pydicom.charset.handled_encodings = ("iso2022_jp", "iso2022_jp_2")  # type: ignore[assignment]  # was three
