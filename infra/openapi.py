"""Prints the published contract (OpenAPI 3.1) without a server, an environment or AWS."""

import argparse
import json
from collections.abc import Iterator, Mapping
from typing import Any

from app import app
from chalicelib.api.document import document_of


def main() -> None:
    """Print the document of every route, or the table of all errors."""
    parser = argparse.ArgumentParser(prog="./scripts/openapi", description=__doc__)
    parser.add_argument("--origin", default="", help="where the platform is met")
    parser.add_argument(
        "--errors", action="store_true", help="a table of every error instead, in Markdown"
    )
    given = parser.parse_args()
    document = document_of(app.routes, origin=given.origin)
    if given.errors:
        print("\n".join(_table(document)))
    else:
        print(json.dumps(document, indent=2, ensure_ascii=False))


def _table(document: Mapping[str, Any]) -> Iterator[str]:
    examples = document["components"]["examples"]
    yield "| status | code | meaning |"
    yield "|---|---|---|"
    for code, example in sorted(examples.items(), key=lambda each: each[1]["value"]["status"]):
        yield f"| {example['value']['status']} | `{code}` | {example['summary']} |"


if __name__ == "__main__":
    main()
