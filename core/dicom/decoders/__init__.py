"""DECODERS: transfer syntax to decoders, best first. Adding a decoder is one module and one line here.

A syntax that is known and not supported has an empty tuple, so that the refusal can name it, and its reason is in
UNSUPPORTED.
"""

from collections.abc import Mapping
from types import MappingProxyType

from core.dicom.decoders import gdcm, imagecodecs, native, openjpeg, pillow, pyjpegls, rle
from core.dicom.decoders.decoder import Decoder

DECODERS: Mapping[str, tuple[Decoder, ...]] = MappingProxyType({
    "1.2.840.10008.1.2": (native.DECODER,),  # Implicit VR Little Endian
    "1.2.840.10008.1.2.1": (native.DECODER,),  # Explicit VR Little Endian
    "1.2.840.10008.1.2.1.98": (native.DECODER,),  # Encapsulated Uncompressed Explicit VR Little Endian
    "1.2.840.10008.1.2.1.99": (native.DECODER,),  # Deflated Explicit VR Little Endian
    "1.2.840.10008.1.2.2": (native.DECODER,),  # Explicit VR Big Endian
    "1.2.840.113619.5.2": (native.DECODER,),  # GE's private one: little endian with big endian pixels
    "1.2.840.10008.1.2.8.1": (native.INFLATER,),  # Deflated Image Frame Compression
    "1.2.840.10008.1.2.5": (rle.DECODER,),  # RLE Lossless
    "1.2.840.10008.1.2.4.50": (pillow.DECODER, imagecodecs.JPEG, gdcm.DECODER),  # JPEG Baseline
    "1.2.840.10008.1.2.4.51": (pillow.DECODER, imagecodecs.JPEG, gdcm.DECODER),  # JPEG Extended, 8 or 12 bits
    "1.2.840.10008.1.2.4.53": (imagecodecs.JPEG, gdcm.DECODER, pillow.DECODER),  # JPEG Spectral Selection
    "1.2.840.10008.1.2.4.55": (imagecodecs.JPEG, gdcm.DECODER, pillow.DECODER),  # JPEG Full Progression
    "1.2.840.10008.1.2.4.57": (gdcm.DECODER, pillow.DECODER),  # JPEG Lossless
    "1.2.840.10008.1.2.4.70": (gdcm.DECODER, pillow.DECODER),  # JPEG Lossless, first-order prediction
    "1.2.840.10008.1.2.4.80": (pyjpegls.DECODER,),  # JPEG-LS Lossless
    "1.2.840.10008.1.2.4.81": (pyjpegls.DECODER,),  # JPEG-LS Near-Lossless
    "1.2.840.10008.1.2.4.90": (openjpeg.DECODER,),  # JPEG 2000 Lossless
    "1.2.840.10008.1.2.4.91": (openjpeg.DECODER,),  # JPEG 2000
    "1.2.840.10008.1.2.4.201": (openjpeg.DECODER, imagecodecs.HTJ2K),  # High-Throughput JPEG 2000 Lossless
    "1.2.840.10008.1.2.4.202": (openjpeg.DECODER, imagecodecs.HTJ2K),  # High-Throughput JPEG 2000 Lossless, RPCL
    "1.2.840.10008.1.2.4.203": (openjpeg.DECODER, imagecodecs.HTJ2K),  # High-Throughput JPEG 2000
    "1.2.840.10008.1.2.4.92": (),  # JPEG 2000 Multi-component Lossless
    "1.2.840.10008.1.2.4.93": (),  # JPEG 2000 Multi-component
    "1.2.840.10008.1.2.4.94": (),  # JPIP Referenced
    "1.2.840.10008.1.2.4.95": (),  # JPIP Referenced Deflate
    "1.2.840.10008.1.2.4.100": (),  # MPEG2 Main Profile, Main Level
    "1.2.840.10008.1.2.4.100.1": (),  # the same, fragmentable
    "1.2.840.10008.1.2.4.101": (),  # MPEG2 Main Profile, High Level
    "1.2.840.10008.1.2.4.101.1": (),
    "1.2.840.10008.1.2.4.102": (),  # MPEG-4 AVC/H.264 High Profile
    "1.2.840.10008.1.2.4.102.1": (),
    "1.2.840.10008.1.2.4.103": (),  # MPEG-4 AVC/H.264 BD-compatible
    "1.2.840.10008.1.2.4.103.1": (),
    "1.2.840.10008.1.2.4.104": (),  # MPEG-4 AVC/H.264 for 2D video
    "1.2.840.10008.1.2.4.104.1": (),
    "1.2.840.10008.1.2.4.105": (),  # MPEG-4 AVC/H.264 for 3D video
    "1.2.840.10008.1.2.4.105.1": (),
    "1.2.840.10008.1.2.4.106": (),  # MPEG-4 AVC/H.264 Stereo
    "1.2.840.10008.1.2.4.106.1": (),
    "1.2.840.10008.1.2.4.107": (),  # HEVC/H.265 Main
    "1.2.840.10008.1.2.4.108": (),  # HEVC/H.265 Main 10
    "1.2.840.10008.1.2.4.110": (imagecodecs.JPEG_XL,),  # JPEG XL Lossless
    "1.2.840.10008.1.2.4.111": (imagecodecs.JPEG_XL,),  # JPEG XL JPEG Recompression
    "1.2.840.10008.1.2.4.112": (imagecodecs.JPEG_XL,),  # JPEG XL
    "1.2.840.10008.1.2.4.204": (),  # JPIP HTJ2K Referenced
    "1.2.840.10008.1.2.4.205": (),  # JPIP HTJ2K Referenced Deflate
})

_REASONS = (
    ("1.2.840.10008.1.2.4.10", "it is video, for which there is no decoder here"),
    ("1.2.840.10008.1.2.4.9", "no decoder here knows transforms of several components (JPEG 2000 Part 2)"),
)
_REMOTE = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in (94, 95, 204, 205))

# why those without decoder have none
UNSUPPORTED: Mapping[str, str] = MappingProxyType({
    syntax: "its pixels lie on a server, and nothing is fetched from a network" if syntax in _REMOTE
    else next(reason for start, reason in _REASONS if syntax.startswith(start))
    for syntax, decoders in DECODERS.items() if not decoders
})

__all__ = ["DECODERS", "UNSUPPORTED", "Decoder"]
