"""Creates what infra/resources.yaml describes on an endpoint that is not AWS."""

import argparse
import os
from dataclasses import dataclass, field
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError
from localstack_client.config import get_service_endpoints
from localstack_client.session import Session

from infra.local.buckets import bucket_settings
from infra.local.template import LOCAL_ACCOUNT, Properties, Resource, resources

# Engines that lack an operation answer in one of these ways.
NOT_SUPPORTED = frozenset(
    {
        "InternalFailure",
        "NotImplemented",
        "NotImplementedException",
        "UnknownOperationException",
    }
)


@dataclass(frozen=True, slots=True)
class Provisioned:
    """What a run left undone because the engine cannot do it, one sentence each."""

    stage: str
    not_supported: tuple[str, ...]


def provision(
    *,
    stage: str,
    endpoint: str,
    dynamodb_endpoint: str | None = None,
    region: str = "us-east-1",
    origin: str = "http://localhost:8000",
    mail_domain: str = "secureflows.example",
) -> Provisioned:
    """Create every table, key, bucket and mail identity of a stage; what exists is left alone."""
    provisioner = Provisioner(
        endpoint=endpoint,
        dynamodb_endpoint=dynamodb_endpoint,
        region=region,
        origin=origin,
        mail_domain=mail_domain,
    )
    return provisioner.everything(stage=stage)


class LocalSession(Session):  # type: ignore[misc]
    """A localstack-client session whose endpoints are given, with DynamoDB's own if it has one."""

    def __init__(self, *, endpoint: str, dynamodb_endpoint: str | None, region: str) -> None:
        super().__init__(region_name=region)
        mapping: dict[str, str] = dict.fromkeys(get_service_endpoints(), endpoint)
        if dynamodb_endpoint is not None:
            mapping |= dict.fromkeys(("dynamodb", "dynamodbstreams"), dynamodb_endpoint)
        self._service_endpoint_mapping = mapping


@dataclass(slots=True)
class Provisioner:
    """Keeps its clients, so that a test run can create one stage after another quickly."""

    endpoint: str
    dynamodb_endpoint: str | None = None
    region: str = "us-east-1"
    origin: str = "http://localhost:8000"
    mail_domain: str = "secureflows.example"
    session: LocalSession = field(init=False)
    _clients: dict[str, Any] = field(init=False, default_factory=dict)
    _not_supported: list[str] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.session = LocalSession(
            endpoint=self.endpoint, dynamodb_endpoint=self.dynamodb_endpoint, region=self.region
        )

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 clients have no static type
        """A boto3 client of this endpoint, made once."""
        if service not in self._clients:
            # A bucket's name cannot be part of a host name here.
            config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 3})
            self._clients[service] = self.session.client(service, config=config)
        return self._clients[service]

    def everything(self, *, stage: str) -> Provisioned:
        """All resources of a stage."""
        self._not_supported = []
        self._keys(stage)
        self.tables(stage=stage)
        self._buckets(stage)
        for identity in self._resources(stage, "AWS::SES::EmailIdentity"):
            self._mail_identity(identity)
        return Provisioned(stage, tuple(dict.fromkeys(self._not_supported)))

    def tables(self, *, stage: str) -> tuple[str, ...]:
        """Only the tables of a stage; returns their names once every one is active."""
        made = self._resources(stage, "AWS::DynamoDB::Table")
        new = [table for table in made if self._table(table)]
        for table in new:
            self._wait_until_active(table.properties["TableName"])
            self._table_settings(table)
        return tuple(table.properties["TableName"] for table in made)

    def _resources(self, stage: str, kind: str) -> tuple[Resource, ...]:
        variables = {
            "Stage": stage,
            "Origin": self.origin,
            "MailDomain": self.mail_domain,
            "AWS::AccountId": LOCAL_ACCOUNT,
            "AWS::Partition": "aws",
            "AWS::Region": self.region,
        }
        return resources(kind=kind, variables=variables)

    def _table(self, table: Resource) -> bool:
        try:
            self.client("dynamodb").create_table(**create_table_request(table.properties))
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceInUseException":
                return False
            raise
        return True

    def _wait_until_active(self, name: str) -> None:
        client = self.client("dynamodb")
        if client.describe_table(TableName=name)["Table"]["TableStatus"] != "ACTIVE":
            waiter = client.get_waiter("table_exists")
            waiter.wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})

    def _table_settings(self, table: Resource) -> None:
        properties, client = table.properties, self.client("dynamodb")
        name = properties["TableName"]
        if ttl := properties.get("TimeToLiveSpecification"):
            self._attempt(
                "time to live",
                client.update_time_to_live,
                TableName=name,
                TimeToLiveSpecification=ttl,
            )
        if recovery := properties.get("PointInTimeRecoverySpecification"):
            self._attempt(
                "point-in-time recovery",
                client.update_continuous_backups,
                TableName=name,
                PointInTimeRecoverySpecification=recovery,
            )

    def _keys(self, stage: str) -> None:
        client = self.client("kms")
        keys = {key.name: key.properties for key in self._resources(stage, "AWS::KMS::Key")}
        for alias in self._resources(stage, "AWS::KMS::Alias"):
            name, wanted = alias.properties["AliasName"], keys[alias.properties["TargetKeyId"]]
            if self._exists(client.describe_key, KeyId=name):
                continue
            made = client.create_key(
                Description=wanted["Description"],
                KeySpec=wanted["KeySpec"],
                KeyUsage=wanted["KeyUsage"],
            )["KeyMetadata"]["KeyId"]
            if wanted.get("EnableKeyRotation"):
                self._attempt("key rotation", client.enable_key_rotation, KeyId=made)
            client.create_alias(AliasName=name, TargetKeyId=made)

    def _buckets(self, stage: str) -> None:
        # The policies that demand TLS are left out: a local endpoint speaks plain HTTP.
        client = self.client("s3")
        for bucket in self._resources(stage, "AWS::S3::Bucket"):
            name = bucket.properties["BucketName"]
            if self._exists(client.head_bucket, Bucket=name):
                continue
            locked = bucket.properties.get("ObjectLockEnabled", False)
            client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=locked)
            for what, operation, arguments in bucket_settings(client, bucket.properties):
                self._attempt(what, operation, Bucket=name, **arguments)

    def _mail_identity(self, identity: Resource) -> None:
        client, name = self.client("sesv2"), identity.properties["EmailIdentity"]
        if not self._exists(client.get_email_identity, EmailIdentity=name):
            self._attempt("mail identity", client.create_email_identity, EmailIdentity=name)

    @staticmethod
    def _exists(operation: Any, **arguments: Any) -> bool:  # noqa: ANN401
        try:
            operation(**arguments)
        except ClientError as error:
            if error.response["Error"]["Code"] in {"NotFoundException", "404", "NoSuchBucket"}:
                return False
            raise
        return True

    def _attempt(self, what: str, operation: Any, **arguments: Any) -> None:  # noqa: ANN401
        try:
            operation(**arguments)
        except ClientError as error:
            if error.response["Error"]["Code"] not in NOT_SUPPORTED:
                raise
            self._not_supported.append(f"{what} is not supported by this engine")


def create_table_request(properties: Properties) -> Properties:
    """The arguments of CreateTable for the properties of an AWS::DynamoDB::Table."""
    same = (
        "TableName",
        "BillingMode",
        "AttributeDefinitions",
        "KeySchema",
        "GlobalSecondaryIndexes",
        "DeletionProtectionEnabled",
    )
    request = {key: properties[key] for key in same if key in properties}
    if stream := properties.get("StreamSpecification"):
        request["StreamSpecification"] = {"StreamEnabled": True, **stream}
    if sealing := properties.get("SSESpecification"):
        request["SSESpecification"] = {"Enabled": sealing["SSEEnabled"]}
    return request


def main() -> None:
    """Provision a stage on the endpoints that the environment or the arguments give."""
    # This program is run by hand and by scripts/run; it has no settings but these two.
    environment = os.environ  # noqa: TID251
    parser = argparse.ArgumentParser(prog="python -m infra.local.provision", description=__doc__)
    parser.add_argument("--stage", default="dev")
    parser.add_argument("--endpoint", default=environment.get("AWS_ENDPOINT_URL"))
    parser.add_argument("--dynamodb-endpoint", default=environment.get("AWS_ENDPOINT_URL_DYNAMODB"))
    parser.add_argument("--region", default="us-east-1")
    given = parser.parse_args()
    if not given.endpoint:
        parser.error("no endpoint: set AWS_ENDPOINT_URL or give --endpoint")
    done = provision(
        stage=given.stage,
        endpoint=given.endpoint,
        dynamodb_endpoint=given.dynamodb_endpoint,
        region=given.region,
    )
    for sentence in done.not_supported:
        print(sentence)
    print(f"stage {done.stage} is provisioned")


if __name__ == "__main__":
    main()
