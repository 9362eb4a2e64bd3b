"""Wire shape of a lock that was lifted."""

from pydantic import Field

from chalicelib.api.schemas.session import Wire, shown


class UnlockedOut(Wire):
    """Whose lock was lifted, if there was one."""

    model_config = shown({"unlocked": True, "userId": 4_503_599_627_370_497})

    unlocked: bool
    user_id: int = Field(alias="userId")
