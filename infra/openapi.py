"""Prints the published contract (OpenAPI 3.1) without a server, an environment or AWS."""

import argparse
import json

from app import app
from chalicelib.api.document import document_of


def main() -> None:
    """Print the document of every route."""
    parser = argparse.ArgumentParser(prog="./scripts/openapi", description=__doc__)
    parser.add_argument("--origin", default="", help="where the platform is met")
    given = parser.parse_args()
    print(json.dumps(document_of(app.routes, origin=given.origin), indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
