"""Time herbnb on this machine, and print tables.

    python -m benchmarks                    # everything; the large ones take hours
    python -m benchmarks sampling loading   # only these

Each benchmark is a module of this folder whose `tables()` measures. Everything is made in temporary
folders, so nothing that is already there is used or changed.
"""

import importlib
import os
import sys

BENCHMARKS = (
    *("sampling", "loading", "training", "extraction", "herbarium"),
    *("review", "visitors", "verdict", "silhouettes", "neighbours"),
    *("large_herbarium", "downloads", "atlas", "parts", "book"),
)


def main() -> None:
    """Run the benchmarks that the command line names, or all, and print each table as it is ready."""
    chosen = sys.argv[1:] or BENCHMARKS
    unknown = sorted(set(chosen) - set(BENCHMARKS))
    if unknown:
        sys.exit(f"There is no benchmark {unknown[0]!r}: choose among {', '.join(BENCHMARKS)}.")
    print(f"{os.cpu_count()} cores")
    for name in chosen:
        for title, table in importlib.import_module(f"benchmarks.{name}").tables():
            print(f"\n{title}\n\n{table.to_markdown(index=False)}", flush=True)


if __name__ == "__main__":
    main()
