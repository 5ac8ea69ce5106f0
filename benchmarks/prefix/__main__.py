"""python -m benchmarks.prefix truth|limits [OPTIONS]: see the module of that name."""

import argparse

from benchmarks.prefix import limits, truth

WHAT = {"limits": limits.main, "truth": truth.main}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prefix", description=__doc__)
    parser.add_argument("what", choices=WHAT)
    parser.add_argument("options", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    WHAT[given.what](given.options)


if __name__ == "__main__":
    main()
