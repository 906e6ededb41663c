"""Import of a file of order history, settlement of everything in it, and `verify`, with seconds, CPU and memory.

`python -m bench.import_orders --file F --mapping M [--promoters 30] [--profile OUT]`

The mapping's promoters are replaced by a three-tier tree that this makes. The import runs in a process of its own.
"""

import argparse
import os
import re
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import ground

EARLY = datetime(2001, 1, 1, tzinfo=UTC)
PAST = timedelta(days=36_500)


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", required=True)
    parser.add_argument("--mapping", required=True)
    parser.add_argument("--promoters", type=int, default=30)
    parser.add_argument("--profile", default="")
    parser.add_argument("--again", action="store_true", help="run the import twice: the second run changes nothing")
    parser.add_argument("--home", type=Path, help="a data home of its own, so that other benchmarks may run beside")
    given = parser.parse_args()
    if given.home:
        ground.HOME = given.home.resolve()
    with ground.database():
        merchant, promoters = _alliance(given.promoters)
        mapping = ground.HOME / "import.toml"
        listed = ", ".join(f'"{no}"' for no in promoters)
        text = Path(given.mapping).read_text()
        mapping.write_text(re.sub(r"(?m)^promoters\s*=\s*\[.*?\]", f"promoters = [{listed}]", text, flags=re.DOTALL))
        for _ in range(1 + given.again):
            _run("import", ["import", given.file, str(mapping), merchant, given.profile])
        _run("settle", ["settle"])
        _run("verify", ["verify"])


def _run(name: str, arguments: list[str]) -> None:
    """Run one step in a process of its own and print its wall clock, its CPU and its peak memory."""
    began = time.perf_counter()
    before = _database_cpu()
    program = [sys.executable, "-m", "bench.import_steps", *arguments]
    subprocess.run(program, check=True, cwd=ground.ROOT, env={**os.environ, "PYTHONPATH": str(ground.ROOT / "src")})
    wall = time.perf_counter() - began
    print(f"{name}: {wall:.1f} s, CPU of the database {_database_cpu() - before:.1f} s", flush=True)


def _database_cpu() -> float:
    """Return CPU seconds of the processes that the cluster has running or has ended, as far as their parent knows."""
    from tuike.runtime import home as homes
    from tuike.runtime import postgres

    pid = postgres.status(homes.find()).pid
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(stat.parent.name) == pid:
            ticks += sum(map(int, fields[11:15]))
        elif int(fields[1]) == pid:
            ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _alliance(count: int) -> tuple[str, list[str]]:
    """Open a shop outside the mall and a tree of promoters; return the shop's number and the promoters' numbers."""
    from tuike.audit.types import OPERATOR_SHELL
    from tuike.parties import service as parties
    from tuike.parties.types import IndividualProof, Source, SubjectKind
    from tuike.people import service as people

    def person(name: str) -> int:
        return people.sign_in_by_wechat(appid="wx0000000000000000", openid=name, now=EARLY).id

    def certified(party):
        proof = IndividualProof(name="李雷", id_number="11010519491231002X", phone="13900000000", documents=("a", "b"))
        no = parties.file_certification(party_id=party.id, proof=proof, actor=OPERATOR_SHELL, now=EARLY)
        parties.decide_certification(no=no, approve=True, actor=OPERATOR_SHELL, now=EARLY)
        return party

    kind = SubjectKind.INDIVIDUAL
    shop = certified(
        parties.open_merchant(
            name="外贸小店",
            source=Source.MINI_PROGRAM,
            subject_kind=kind,
            super_admin=person("shop"),
            appid="wx0123456789abcdef",
            actor=OPERATOR_SHELL,
            now=EARLY,
        )
    )
    line = []
    for no in range(count):
        recruiter = line[(no - 1) // 5].id if no else None
        line.append(
            certified(
                parties.open_promoter(
                    name=f"推客{no + 1}",
                    subject_kind=kind,
                    super_admin=person(f"promoter{no}"),
                    recruiter_id=recruiter,
                    actor=OPERATOR_SHELL,
                    now=EARLY,
                )
            )
        )
    return shop.no, [one.no for one in line]


def usage() -> str:
    """Return this process's CPU seconds and peak memory."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return f"CPU of the process {used.ru_utime + used.ru_stime:.1f} s, peak memory {used.ru_maxrss // 1024} MB"


if __name__ == "__main__":
    main()
