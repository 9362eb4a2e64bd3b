"""Wire shapes of devices without a browser, which ask for a person's leave."""

from pydantic import BaseModel, Field

from chalicelib.api.schemas.session import shown


class DeviceParams(BaseModel):
    """A device that asks for leave (RFC 8628, 3.1), with a secret if the client has one."""

    model_config = shown({"client_id": "c7f3b2a1", "scope": "openid email offline_access"})

    client_id: str = Field(default="", examples=["c7f3b2a1"])
    client_secret: str = Field(default="", examples=["sfs_Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9Jf"])
    scope: str = Field(default="openid", examples=["openid email offline_access"])


class StartedOut(BaseModel):
    """Two codes: one for the device to keep, one for it to show (RFC 8628, 3.2)."""

    model_config = shown(
        {
            "device_code": "sfd_Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9JfZk3v0Qd1m2X8y7W",
            "user_code": "WDJB-MJHT",
            "verification_uri": "https://flows.example/app/device?workspace=demo",
            "verification_uri_complete": "https://flows.example/app/device?workspace=demo"
            "&user_code=WDJB-MJHT",
            "expires_in": 600,
            "interval": 5,
        }
    )

    device_code: str = Field(repr=False)
    user_code: str = Field(repr=False)
    verification_uri: str
    verification_uri_complete: str = Field(repr=False)
    expires_in: int
    interval: int
