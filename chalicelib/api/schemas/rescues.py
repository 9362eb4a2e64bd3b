"""Wire shape of factors that an operator removed."""

from pydantic import Field

from chalicelib.api.schemas.session import Wire, shown


class FactorsRemovedOut(Wire):
    """Whose factors were removed, and how many: authenticators and passkeys."""

    model_config = shown({"removed": 2, "userId": 4_503_599_627_370_497})

    removed: int
    user_id: int = Field(alias="userId")
