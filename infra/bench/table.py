"""The table: what was measured, as Markdown that the README can hold."""

from collections.abc import Mapping, Sequence
from typing import Any


def rendered(found: Mapping[str, Any]) -> str:
    """Answer all tables, one after another."""
    return "\n\n".join(
        (
            _warm(found["warm"]),
            _cold(found["cold"]),
            _growth(found["growth"], found["engine"]),
            _totals(found),
        )
    )


def _totals(found: Mapping[str, Any]) -> str:
    return (
        f"Package {found['package_mb']} MB zipped, compiled, for this machine; local server"
        f" {found['requests_per_second']:,} requests/s on a route that does nothing."
    )


def _warm(rows: Sequence[Mapping[str, Any]]) -> str:
    return _table(
        ("warm", "calls", "sent, received", "CPU", "floor", "ratio"),
        [
            (
                f"{row['what']} {row['size']}",
                ", ".join(_times(kind, number) for kind, number in row["calls"].items()),
                f"{_bytes(row['sent'])}, {_bytes(row['received'])}",
                f"{row['cpu_us']:,} µs",
                f"{row['floor_us']:,} µs",
                f"{row['ratio']:.1f}",
            )
            if "ratio" in row
            else (f"{row['what']} {row['size']}", f"status {row['status']}", "", "", "", "")
            for row in rows
        ],
    )


def _cold(rows: Sequence[Mapping[str, Any]]) -> str:
    return _table(
        ("cold", "CPU", "ratio", "modules", "memory"),
        [
            (
                row["what"],
                f"{row['cpu_ms']} ms",
                f"{row['ratio']:.2f}",
                f"{row['modules']:,}",
                f"{row['memory_mb']:.0f} MB",
            )
            for row in rows
        ],
    )


def _growth(rows: Sequence[Mapping[str, Any]], engine: str) -> str:
    return _table(
        (f"sessions ({engine})", "cleanup", "with heads", "listing", "backup", "backup items/s"),
        [
            (
                f"{row['sessions']:,}",
                f"{row['cleanup']:.2f}",
                f"{row['cleanup_with_heads']:.2f}",
                f"{row['listing']:.2f}",
                "no answer in time" if row["backup"] is None else f"{row['backup']:.2f}",
                "" if row["backup"] is None else f"{row['backup_items_per_second']:,}",
            )
            for row in rows
        ],
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _times(kind: str, number: int) -> str:
    return kind if number == 1 else f"{number} {kind}"


def _bytes(number: int) -> str:
    return f"{number / 1_000:,.1f} KB"
