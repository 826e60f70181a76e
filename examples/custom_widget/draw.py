"""Draws the map: a dot for every five degrees of land. Usage: python draw.py > transom_atlas/_map.html."""

from __future__ import annotations

import sys
from collections.abc import Iterator

STEP = 5
NORTH = 80
WEST = -180

PLACES = {
    "A": "northern-america",
    "C": "central-america",
    "S": "south-america",
    "N": "northern-europe",
    "W": "western-europe",
    "U": "southern-europe",
    "E": "eastern-europe",
    "f": "northern-africa",
    "w": "western-africa",
    "m": "middle-africa",
    "e": "eastern-africa",
    "s": "southern-africa",
    "T": "western-asia",
    "K": "central-asia",
    "I": "southern-asia",
    "J": "eastern-asia",
    "D": "south-eastern-asia",
    "O": "oceania",
}

LAND = """
80 A-95,-65 A-60,-20 N15,25 E95,100
75 A-120,-80 A-60,-20 E55,60 E90,110
70 A-160,-145 A-125,-65 A-55,-25 N20,30 E65,180
65 A-165,-70 A-50,-40 N-20,-15 N10,30 E35,175
60 A-160,-95 A-75,-65 N5,25 E30,165
55 A-130,-90 A-80,-60 N-5,0 N10,10 N20,25 E30,140 E160,160
50 A-125,-55 N-5,-5 W0,10 E15,45 K50,80 E85,90 J95,125 E130,140
45 A-120,-65 W0,10 U15,20 E25,40 K50,80 J85,130 J140,140
40 A-120,-75 U-5,0 U15,20 T30,45 K55,70 J75,125 J140,140
35 A-120,-80 U-5,-5 U25,25 T30,45 I50,75 J80,115 J125,125 J135,135
30 A-95,-85 C-110,-100 f-10,30 T35,45 I50,80 J85,120 J130,130
25 C-110,-100 A-80,-80 f-15,30 T40,55 I60,90 J95,115 J120,120
20 C-105,-90 C-80,-70 w-15,5 m15,20 f25,35 T45,55 I75,85 D95,105 J110,110
15 C-90,-85 w-15,10 m15,20 f25,35 e40,40 T45,45 I75,80 D100,105 D120,120
10 C-85,-80 S-75,-65 w-10,5 m10,20 f25,30 e35,50 I80,80 D100,105 D125,125
5 S-75,-50 w-10,0 m10,25 e30,45 D100,100 D115,115 D125,125
0 S-80,-50 m10,25 e30,40 D100,100 D110,115 D120,120 D130,130
-5 S-80,-35 m15,25 e30,40 D105,110 D120,120 D135,135 O140,145
-10 S-75,-40 m15,25 e30,40 D120,125 O150,150
-15 S-75,-40 m15,20 e25,35 e50,50 O130,135 O145,145
-20 S-70,-40 s15,25 e30,35 e45,45 O120,145 O165,165
-25 S-70,-50 s15,30 e45,45 O115,150
-30 S-70,-55 s20,30 O115,150
-35 S-70,-60 s20,20 O140,150 O175,175
-40 S-70,-65 O145,145 O175,175
-45 S-70,-70 O170,170
-50 S-70,-70
"""
"""For each latitude what land is on it: the region's letter, and from which longitude to which."""


def dots() -> Iterator[tuple[str, int, int]]:
    """Each dot: its region's letter, its column from the west, its row from the north."""
    for line in LAND.split("\n"):
        latitude, *stretches = line.split() or ["0"]
        for stretch in stretches:
            first, last = map(int, stretch[1:].split(","))
            for longitude in range(first, last + 1, STEP):
                yield stretch[0], (longitude - WEST) // STEP % 72, (NORTH - int(latitude)) // STEP


def drawn() -> str:
    """The regions as groups of one path each, in the order in which they are told."""
    lines = []
    for letter, place in PLACES.items():
        path = "".join(f"M{x + 1} {y + 1}h0" for found, x, y in dots() if found == letter)
        shade = f"{{{{ levels['{place}'] }}}}{{% if mine == '{place}' %}} mine{{% endif %}}"
        paths = f'<path d="{path}"/><path class="atlas-reach" d="{path}"/>'  # what is seen, what can be hit
        lines.append(f'<g data-place="{place}" class="level-{shade}">{paths}</g>')
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(drawn())
