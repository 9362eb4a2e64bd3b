"""Clients of AWS services, from one botocore session: loading its data twice would cost more."""

from functools import cached_property
from threading import Lock
from typing import Any

from botocore.config import Config
from botocore.configprovider import ConfiguredEndpointProvider
from botocore.exceptions import NoCredentialsError
from botocore.httpsession import get_cert_path
from botocore.regions import EndpointResolver
from botocore.session import Session
from botocore.utils import get_environ_proxies

_CONFIG = Config(
    connect_timeout=1,
    read_timeout=5,
    retries={"total_max_attempts": 3, "mode": "standard"},
)


class Clients:
    """Makes clients; region, credentials and endpoints come from the environment as everywhere."""

    def __init__(self) -> None:
        """Begin a session; nothing is connected yet."""
        self._session = Session()
        self._lock = Lock()

    @cached_property
    def region(self) -> str:
        """Answer the region of the deployment; raises `LookupError` when there is none."""
        region = self._session.get_config_variable("region")
        if not region:
            raise LookupError("Set AWS_DEFAULT_REGION.")
        return str(region)

    def client(self, service: str) -> Any:  # noqa: ANN401 - botocore carries no types
        """Answer a client with short waits: a function has 29 seconds in all."""
        return self._session.create_client(service, config=_CONFIG)

    def endpoint(self, service: str) -> str:
        """Answer where botocore's own client of a service would send its requests."""
        if not self._session.get_config_variable("ignore_configured_endpoint_urls"):
            configured = ConfiguredEndpointProvider(
                full_config=self._session.full_config,
                scoped_config=self._session.get_scoped_config(),
                client_name=service,
            ).provide()
            if configured:
                return str(configured)
        known = self._session.get_component("data_loader").load_data("endpoints")
        found = EndpointResolver(known).construct_endpoint(
            service,
            self.region,
            use_dualstack_endpoint=self._session.get_config_variable("use_dualstack_endpoint"),
            use_fips_endpoint=self._session.get_config_variable("use_fips_endpoint"),
        )
        return f"https://{found['hostname']}"

    def is_behind_a_proxy(self, service: str) -> bool:
        """Tell whether the environment sends a service's requests through a proxy."""
        return bool(get_environ_proxies(self.endpoint(service)))

    @property
    def ca_bundle(self) -> str:
        """Answer the file of the authorities that are trusted."""
        return str(self._session.get_config_variable("ca_bundle") or get_cert_path(verify=True))

    def credentials(self) -> Any:  # noqa: ANN401 - the same
        """Answer credentials that are valid now; raises `NoCredentialsError`."""
        # Finding them is not thread-safe, renewing them is.
        with self._lock:
            found = self._session.get_credentials()
        if found is None:
            raise NoCredentialsError
        return found.get_frozen_credentials()
