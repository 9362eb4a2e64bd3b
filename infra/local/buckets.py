"""Turns the properties of an AWS::S3::Bucket into calls of S3."""

from typing import Any

from infra.local.template import Properties


def bucket_settings(client: Any, properties: Properties) -> list[tuple[str, Any, Properties]]:  # noqa: ANN401
    """What to call after CreateBucket: a name for people, the operation, and its arguments."""
    lifecycle = [_lifecycle_rule(rule) for rule in properties["LifecycleConfiguration"]["Rules"]]
    encryption = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    rules = [
        {"ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"]}
        for rule in encryption
    ]
    settings: list[tuple[str, Any, Properties]] = [
        (
            "bucket versioning",
            client.put_bucket_versioning,
            {"VersioningConfiguration": properties["VersioningConfiguration"]},
        ),
        (
            "bucket encryption",
            client.put_bucket_encryption,
            {"ServerSideEncryptionConfiguration": {"Rules": rules}},
        ),
        (
            "bucket ownership",
            client.put_bucket_ownership_controls,
            {"OwnershipControls": properties["OwnershipControls"]},
        ),
        (
            "public access block",
            client.put_public_access_block,
            {
                "PublicAccessBlockConfiguration": properties["PublicAccessBlockConfiguration"],
            },
        ),
        (
            "bucket lifecycle",
            client.put_bucket_lifecycle_configuration,
            {"LifecycleConfiguration": {"Rules": lifecycle}},
        ),
    ]
    if lock := properties.get("ObjectLockConfiguration"):
        settings.append(
            (
                "object lock",
                client.put_object_lock_configuration,
                {"ObjectLockConfiguration": lock},
            )
        )
    return settings


def _lifecycle_rule(rule: Properties) -> Properties:
    same = ("Status", "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload")
    made = {"ID": rule["Id"], "Filter": {"Prefix": ""}} | {
        key: rule[key] for key in same if key in rule
    }
    if days := rule.get("ExpirationInDays"):
        made["Expiration"] = {"Days": days}
    elif marker := rule.get("ExpiredObjectDeleteMarker"):
        made["Expiration"] = {"ExpiredObjectDeleteMarker": marker}
    return made
