"""What was shown already, in DynamoDB: a row for each, which only the first can write."""

from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.login_rows import replay_key
from chalicelib.adapters.dynamodb.transactions import ABSENT, Put
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import WorkspaceId


class DynamoReplays:
    """Answers `ReplayStore`."""

    def __init__(self, tables: Tables) -> None:
        """Take the tables."""
        self._tables = tables

    def claim(self, workspace: WorkspaceId, digest: str, *, exp: int, now: int) -> bool:
        key = replay_key(workspace, digest)
        put = Put(
            table=key.table,
            item={"PK": key.pk, "SK": key.sk, "wid": workspace, "exp": exp, "ttl": exp},
            condition=f"{ABSENT} OR #exp <= :now",
            values={"now": now},
        )
        try:
            self._tables.put(put)
        except Stale:
            return False
        return True
