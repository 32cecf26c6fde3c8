"""Names in every character set of PS3.5, and text read in another set than the file declares.

The examples with code extensions are those of PS3.5 H, I and K.
"""

import numpy as np
import pytest

from core.dicom.character_set import CHARACTER_SETS, reread_text
from core.dicom.load_image import load_image
from core.imaging.image import Image
from core.refusal import Reason, Refusal
from tests.make.dicom import make_dicom

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom tells what it replaces; the program is silent

DECLARED, NAME = b"ISO_IR 192", b"@" * 8


def make_named(path, character_set: str, name: bytes, **attributes):
    """Write an image that declares a character set and holds a name of these bytes, which pydicom might not write."""
    make_dicom(path, np.zeros((4, 4), np.uint8), SpecificCharacterSet=DECLARED.decode(), PatientName=NAME.decode(),
               **attributes)
    raw = path.read_bytes()
    for vr, old, new in ((b"CS", DECLARED, character_set.encode()), (b"PN", NAME, name)):
        new += b" " * (len(new) % 2)
        before = vr + len(old).to_bytes(2, "little") + old
        assert raw.count(before) == 1
        raw = raw.replace(before, vr + len(new).to_bytes(2, "little") + new)
    path.write_bytes(raw)
    return path


def name_of(path) -> str:
    image = load_image(path)
    assert isinstance(image, Image)
    return image.header.patient_name


@pytest.mark.parametrize(("character_set", "encoding", "name"), [
    ("ISO_IR 100", "iso8859_1", "Äneas^Rüdiger"), ("ISO_IR 101", "iso8859_2", "Wałęsa^Łukasz"),
    ("ISO_IR 109", "iso8859_3", "antaŭnomo^ĉio"), ("ISO_IR 110", "iso8859_4", "vārds^Ģirts"),
    ("ISO_IR 126", "iso8859_7", "Διονυσιος"), ("ISO_IR 127", "iso8859_6", "قباني^لنزار"),
    ("ISO_IR 138", "iso8859_8", "שרון^דבורה"), ("ISO_IR 144", "iso8859_5", "Люкceмбypг"),
    ("ISO_IR 148", "iso8859_9", "Çavuşoğlu"), ("ISO_IR 166", "tis_620", "นามสกุล^ชื่อ"),
    ("ISO_IR 203", "iso8859_15", "Œuvre^Žofie"), ("ISO_IR 13", "shift_jis", "ﾔﾏﾀﾞ^ﾀﾛｳ"),
    ("ISO_IR 192", "utf8", "Wang^XiaoDong=王^小东"), ("GB18030", "gb18030", "Wang^XiaoDong=王^小东"),
    ("GBK", "gbk", "王乗^小东"),  # the second byte of one of them is a backslash
])
def test_a_name_is_read_in_its_declared_set(tmp_path, character_set, encoding, name):
    alphabetic, _, ideographic = name.partition("=")
    shown = f"{alphabetic} ({ideographic})" if ideographic else alphabetic
    assert name_of(make_named(tmp_path / "a", character_set, name.encode(encoding))) == shown


@pytest.mark.parametrize(("character_set", "raw", "shown"), [
    ("\\ISO 2022 IR 87", b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B",
     "Yamada^Tarou (山田^太郎)"),
    ("ISO 2022 IR 13\\ISO 2022 IR 87",
     b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J=\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J",
     "ﾔﾏﾀﾞ^ﾀﾛｳ (山田^太郎)"),
    ("\\ISO 2022 IR 149",
     b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf",
     "Hong^Gildong (洪^吉洞)"),
    ("\\ISO 2022 IR 58", b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=", "Zhang^XiaoDong (张^小东)"),
    ("ISO 2022 IR 100\\ISO 2022 IR 144", b"Fran\xe7ois^\x1b-L\xb8\xd2\xd0\xdd", "François^Иван"),
])
def test_a_name_with_code_extensions_is_read(tmp_path, character_set, raw, shown):
    assert name_of(make_named(tmp_path / "a", character_set, raw)) == shown


@pytest.mark.parametrize("character_set", ["", "nonsense", "ISO_IR 192", "GB18030", "ISO IR 100", "\\", "\\nonsense"])
def test_a_name_is_never_empty_whatever_is_declared(tmp_path, character_set):
    assert name_of(make_named(tmp_path / "a", character_set, b"J\xe9r\xf4me\xff")).startswith("J")


def test_text_of_a_wrong_set_is_reread_in_another(tmp_path):
    path = make_named(tmp_path / "a", "ISO_IR 100", "王^小东".encode("gbk"))
    assert "王" not in name_of(path)
    header = reread_text(path, "GB18030")
    assert header.patient_name == "王^小东"
    assert header.patient_id == "MADE-1"
    assert reread_text(path, "ISO_IR 100").patient_name == name_of(path)


def test_other_text_is_reread_with_the_name(tmp_path):
    path = make_named(tmp_path / "a", "ISO_IR 100", "Иван".encode("iso8859_5"), StudyDescription="colour")
    path.write_bytes(path.read_bytes().replace(b"colour", "грудь ".encode("iso8859_5")))
    header = reread_text(path, "ISO_IR 144")
    assert (header.patient_name, header.study_description) == ("Иван", "грудь")


def test_a_set_without_a_declaration_is_reread(tmp_path):
    assert reread_text(make_named(tmp_path / "a", "", "Jérôme".encode()), "ISO_IR 192").patient_name == "Jérôme"


@pytest.mark.parametrize("character_set", CHARACTER_SETS)
def test_every_set_on_offer_reads_any_file(tmp_path, character_set):
    path = make_named(tmp_path / "a", "ISO_IR 100", b"A\xe9\x1b$B;3^\xff\\x")
    assert reread_text(path, character_set).patient_name.startswith("A")


def test_rereading_says_why_it_cannot(tmp_path):
    assert reread_text(tmp_path / "gone", "ISO_IR 192") == Refusal(Reason.NOT_FOUND, tmp_path / "gone")
    with pytest.raises(ValueError, match="Klingon"):
        reread_text(tmp_path / "gone", "Klingon")
