#!/usr/bin/env python3
"""Makes the demo's batch: notices from a village board, and what each is about.

    demo/make_items.py [FOLDER]

writes items.csv and truth.csv into FOLDER (without it: beside this file). The same files every time.
"""

import csv
import itertools
import pathlib
import random
import sys

PER_KIND = 120
SEED = 1

PLACES = ["the bakery", "the post office", "the mill", "the town hall", "the ferry landing", "the school gate"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
HOURS = ["at six", "at half past six", "at seven", "after supper", "at noon", "at dusk"]
NAMES = ["Ada", "Bruno", "Clara", "Dov", "Elif", "Fenna", "Goran", "Hana", "Ivo", "Jun", "Kofi", "Lena"]
THINGS = ["a green bicycle", "a rocking chair", "a brass telescope", "a copper kettle", "an oak table", "a wooden sledge",
          "a pair of skates", "a butter churn", "a standing clock", "a rowing boat", "a birdcage", "a sewing machine"]
SMALL = ["a silver thimble", "a red umbrella", "a brass key on a ribbon", "a grey cat called Pancake", "one blue mitten",
         "a pocket watch", "a harmonica", "a spotted scarf", "a tin whistle", "a small brown dog", "a straw hat",
         "a library book about bees"]
SPOTS = ["by the well", "near the chapel", "on the river path", "behind the bakery", "in the orchard", "on the last ferry",
         "under the chestnut tree", "at the market"]
CONDITIONS = ["hardly used", "a little scratched", "as good as new", "older than I am", "freshly painted",
              "with all its parts"]
PRICES = ["5", "8", "12", "20", "25", "40", "60"]
EVENTS = ["Choir evening", "Barn dance", "Puppet theatre", "Reading of ghost stories", "Chess tournament", "Pie contest",
          "Lantern walk", "Film night", "Apple festival", "Talk about comets"]
BRINGS = ["Bring a cushion.", "Bring a lantern.", "Children welcome.", "Free soup.", "Doors open early.",
          "It may get loud."]
HALLS = ["in the old barn", "in the school", "on the green", "in the boathouse", "behind the mill", "in the town hall"]
CHORES = ["pick apples", "mend a roof", "paint a fence", "carry a piano up two flights of stairs", "shear eleven sheep",
          "clear out a cellar", "dig a pond", "repair a clock that runs backwards", "catch a swarm of bees",
          "stack firewood"]
THANKS = ["Dinner and good company.", "Paid by the hour.", "I pay in honey.", "Fair wages.", "Cake is provided.",
          "Strong arms needed."]
SKILLS = ["the fiddle", "Portuguese", "pottery", "juggling", "bookkeeping", "beekeeping", "swimming", "calligraphy",
          "bread baking", "the accordion"]
TERMS = ["First hour free.", "Beginners welcome.", "Patience included.", "Any age.", "Evenings only.",
         "Small groups."]

# What a notice is about, with the ways to say so: a template and what fills it in.
KINDS = {
    "for sale": [
        ("For sale: {}, {}. {} crowns.", [THINGS, CONDITIONS, PRICES]),
        ("Selling {} for {} crowns. Ask for {}.", [THINGS, PRICES, NAMES]),
        ("{} crowns takes {} home. It is {}.", [PRICES, THINGS, CONDITIONS]),
    ],
    "lost or found": [
        ("Lost {}: {}. Please return it to {}.", [SPOTS, SMALL, NAMES]),
        ("Found {} on {}: {}. Who is missing it?", [SPOTS, DAYS, SMALL]),
        ("Has anyone seen {}? Last seen {} on {}.", [SMALL, SPOTS, DAYS]),
    ],
    "an event": [
        ("{} {}, {} {}.", [EVENTS, HALLS, DAYS, HOURS]),
        ("Come one, come all: {} on {} {}. {}", [EVENTS, DAYS, HOURS, BRINGS]),
        ("{} on {}, {}. {}", [EVENTS, DAYS, HALLS, BRINGS]),
    ],
    "help wanted": [
        ("Who can help me {} on {}? {}", [CHORES, DAYS, THANKS]),
        ("Wanted: two hands to {}. {} Ask for {}.", [CHORES, THANKS, NAMES]),
        ("{} cannot {} alone. {}", [NAMES, CHORES, THANKS]),
    ],
    "a lesson": [
        ("Learn {} with {}. {}", [SKILLS, NAMES, TERMS]),
        ("{} teaches {} on {}s. {}", [NAMES, SKILLS, DAYS, TERMS]),
        ("Lessons in {}, {} {}. {}", [SKILLS, DAYS, HOURS, TERMS]),
    ],
}


def notices_of(ways, chance):
    """Equally many of each way to say it, none twice."""
    notices = []
    for template, words in ways:
        every = [template.format(*choice) for choice in itertools.product(*words)]
        notices += chance.sample(every, PER_KIND // len(ways))
    return [notice[0].upper() + notice[1:] for notice in notices]


def write(path, header, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
    chance = random.Random(SEED)
    rows = [(notice, kind) for kind, ways in KINDS.items() for notice in notices_of(ways, chance)]
    chance.shuffle(rows)
    numbered = [(f"n{number:03}", chance.choice(PLACES), notice, kind)
                for number, (notice, kind) in enumerate(rows, start=1)]
    write(folder / "items.csv", ["id", "place", "notice"], [row[:3] for row in numbered])
    write(folder / "truth.csv", ["id", "kind"], [(row[0], row[3]) for row in numbered])


if __name__ == "__main__":
    main()
