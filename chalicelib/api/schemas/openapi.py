"""Wire shape of the published contract itself."""

from pydantic import ConfigDict

from chalicelib.api.schemas.oidc import Document


class OpenApi(Document):
    """An OpenAPI 3.1 document."""

    model_config = ConfigDict(
        json_schema_extra={
            "required": ["openapi", "info", "servers", "paths", "components"],
            "examples": [
                {
                    "openapi": "3.1.0",
                    "info": {"title": "secureFlows", "version": "1"},
                    "servers": [{"url": "https://flows.example"}],
                    "paths": {},
                    "components": {},
                }
            ],
        }
    )
