"""The words of View Position and Body Part Examined that say what a film is; any other word says nothing.

Files hold other words than the defined terms, some of them of other languages: only what is known excludes a film.
"""

import re


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Defined Terms of View Position (PS3.3 C.8.1.1), their usual short forms, and the words of View Code Sequence
# (PS3.16 CID 4010). An AP or PA that is oblique, axial, lordotic or of a patient on the side is no frontal view.
_FRONTAL = frozenset({"AP", "PA"})
_NOT_FRONTAL = _set("""
    LL RL LLD RLD LLO RLO LAO RAO LPO RPO LAT LLAT RLAT OBL
    LATERAL OBLIQUE DECUBITUS AXIAL LORDOTIC TANGENTIAL SAGITTAL MEDIAL CRANIAL CAUDAL CRANIOCAUDAL CAUDOCRANIAL
    MEDIOLATERAL LATEROMEDIAL OCCLUSAL DORSOPLANTAR PLANTODORSAL PLANTAR SUBMENTOVERTICAL VERTICOSUBMENTAL
    ORBITOPARIETAL PARIETOORBITAL PARIETOACANTHIAL ACANTHIOPARIETAL
""")
_WRITTEN_OUT = (
    (re.compile(r"POSTER(O|IOR)[^A-Z]*(TO)?[^A-Z]*ANTERIOR"), " PA "),
    (re.compile(r"ANTER(O|IOR)[^A-Z]*(TO)?[^A-Z]*POSTERIOR"), " AP "),
)

# Defined Terms of Body Part Examined (PS3.16 Annex L, PS3.3 C.8.1.1) and words of Anatomic Region Sequence (CID 4009)
# for what is no chest. What lies in the chest is not among them, nor what a film of the chest may be of: HEART,
# MEDIASTINUM, TRACHEA, ESOPHAGUS, RIB, AORTA, WHOLEBODY.
_ELSEWHERE = _set("""
    ABDOMEN ABDOMENPELVIS ACJOINT ANKLE ANUS ARM BLADDER BRAIN BREAST BUTTOCK CALCANEUS CALF CAROTID CEREBELLUM
    CERVICAL CERVIX CHEEK CLAVICLE COCCYX COLON CORNEA CRANIUM CSPINE CTSPINE DENTAL DUODENUM EAR ELBOW EXTREMITIES
    EXTREMITY EYE EYELID FACE FACIAL FEET FEMUR FIBULA FINGER FOOT FOREARM GALLBLADDER HAND HEAD HEADNECK HIP HUMERUS
    IAC ILEUM ILIUM INTESTINE JAW JEJUNUM KIDNEY KNEE KUB LARYNX LEG LIMB LIVER LSPINE LSSPINE LUMBAR MANDIBLE MASTOID
    MAXILLA MOUTH NASAL NECK NOSE ORBIT OVARY PANCREAS PAROTID PATELLA PELVIS PENIS PHARYNX PROSTATE RADIUS RADIUSULNA
    RECTUM SACRAL SACRUM SCALP SCAPULA SCLERA SCROTUM SHOULDER SINUS SINUSES SKULL SPINE SPLEEN SSPINE STERNUM STOMACH
    SUBMANDIBULAR TARSAL TEETH TESTIS THIGH THUMB THYROID TIBIA TIBIAFIBULA TLSPINE TMJ TOE TONGUE TSPINE ULNA URETER
    URETHRA UTERUS VAGINA VULVA WRIST ZYGOMA
""")
# what stands beside them and says no more
_BESIDE = _FRONTAL | _NOT_FRONTAL | _set("""
    L R LT RT LEFT RIGHT BOTH BILATERAL UPPER LOWER AND OF JOINT BONE BONES REGION THORACIC LUMBO THORACO CERVICO
    PARANASAL VIEW VIEWS SUPINE ERECT STANDING PORTABLE
""")


def known_views(view: str) -> frozenset[str]:
    """Return the words of a view that are known: "AP SUPINE" has AP, "POSTERO-ANTERIOR" PA, "FRONTAL" none."""
    text = view.upper()
    for pattern, letters in _WRITTEN_OUT:
        text = pattern.sub(letters, text)
    return frozenset(_words(text)) & (_FRONTAL | _NOT_FRONTAL)


def names_elsewhere(body_part: str) -> bool:
    """Return whether a body part is known to be no chest, in all of its words: "HAND", "LEFT HAND", "C-SPINE"."""
    words = _words(body_part.upper())
    named = [word for word in words if word not in _BESIDE]
    return "".join(words) in _ELSEWHERE or (
        bool(named) and all(word in _ELSEWHERE or word.removesuffix("S") in _ELSEWHERE for word in named)
    )


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text)
