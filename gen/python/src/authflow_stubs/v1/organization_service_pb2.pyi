from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Organization(_message.Message):
    __slots__ = ("org_id", "name", "created_at", "closed_at")
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    CLOSED_AT_FIELD_NUMBER: _ClassVar[int]
    org_id: str
    name: str
    created_at: _timestamp_pb2.Timestamp
    closed_at: _timestamp_pb2.Timestamp
    def __init__(self, org_id: _Optional[str] = ..., name: _Optional[str] = ..., created_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., closed_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ApiKey(_message.Message):
    __slots__ = ("key_id", "label", "created_at", "revoked_at", "in_tokens", "kind", "impersonate")
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    REVOKED_AT_FIELD_NUMBER: _ClassVar[int]
    IN_TOKENS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    IMPERSONATE_FIELD_NUMBER: _ClassVar[int]
    key_id: str
    label: str
    created_at: _timestamp_pb2.Timestamp
    revoked_at: _timestamp_pb2.Timestamp
    in_tokens: bool
    kind: str
    impersonate: bool
    def __init__(self, key_id: _Optional[str] = ..., label: _Optional[str] = ..., created_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., revoked_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., in_tokens: bool = ..., kind: _Optional[str] = ..., impersonate: bool = ...) -> None: ...

class CreateOrganizationRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class CreateOrganizationResponse(_message.Message):
    __slots__ = ("org_id", "name", "api_key")
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    org_id: str
    name: str
    api_key: str
    def __init__(self, org_id: _Optional[str] = ..., name: _Optional[str] = ..., api_key: _Optional[str] = ...) -> None: ...

class GetOrganizationRequest(_message.Message):
    __slots__ = ("org_id",)
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    org_id: str
    def __init__(self, org_id: _Optional[str] = ...) -> None: ...

class GetOrganizationResponse(_message.Message):
    __slots__ = ("organization", "settings", "users")
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    USERS_FIELD_NUMBER: _ClassVar[int]
    organization: Organization
    settings: OrganizationSettings
    users: int
    def __init__(self, organization: _Optional[_Union[Organization, _Mapping]] = ..., settings: _Optional[_Union[OrganizationSettings, _Mapping]] = ..., users: _Optional[int] = ...) -> None: ...

class OrganizationSettings(_message.Message):
    __slots__ = ("verify_url", "reset_url", "mail_delivery", "mail_from_name", "mail_reply_to", "mail_texts", "require_verified_email", "login_by_email", "second_factor", "session_ttl_seconds", "locale", "mail_approved")
    VERIFY_URL_FIELD_NUMBER: _ClassVar[int]
    RESET_URL_FIELD_NUMBER: _ClassVar[int]
    MAIL_DELIVERY_FIELD_NUMBER: _ClassVar[int]
    MAIL_FROM_NAME_FIELD_NUMBER: _ClassVar[int]
    MAIL_REPLY_TO_FIELD_NUMBER: _ClassVar[int]
    MAIL_TEXTS_FIELD_NUMBER: _ClassVar[int]
    REQUIRE_VERIFIED_EMAIL_FIELD_NUMBER: _ClassVar[int]
    LOGIN_BY_EMAIL_FIELD_NUMBER: _ClassVar[int]
    SECOND_FACTOR_FIELD_NUMBER: _ClassVar[int]
    SESSION_TTL_SECONDS_FIELD_NUMBER: _ClassVar[int]
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    MAIL_APPROVED_FIELD_NUMBER: _ClassVar[int]
    verify_url: str
    reset_url: str
    mail_delivery: str
    mail_from_name: str
    mail_reply_to: str
    mail_texts: str
    require_verified_email: bool
    login_by_email: bool
    second_factor: str
    session_ttl_seconds: int
    locale: str
    mail_approved: bool
    def __init__(self, verify_url: _Optional[str] = ..., reset_url: _Optional[str] = ..., mail_delivery: _Optional[str] = ..., mail_from_name: _Optional[str] = ..., mail_reply_to: _Optional[str] = ..., mail_texts: _Optional[str] = ..., require_verified_email: bool = ..., login_by_email: bool = ..., second_factor: _Optional[str] = ..., session_ttl_seconds: _Optional[int] = ..., locale: _Optional[str] = ..., mail_approved: bool = ...) -> None: ...

class UpdateOrganizationRequest(_message.Message):
    __slots__ = ("org_id", "update_mask", "name", "verify_url", "reset_url", "mail_delivery", "mail_from_name", "mail_reply_to", "mail_texts", "require_verified_email", "login_by_email", "second_factor", "session_ttl_seconds", "locale", "mail_approved")
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERIFY_URL_FIELD_NUMBER: _ClassVar[int]
    RESET_URL_FIELD_NUMBER: _ClassVar[int]
    MAIL_DELIVERY_FIELD_NUMBER: _ClassVar[int]
    MAIL_FROM_NAME_FIELD_NUMBER: _ClassVar[int]
    MAIL_REPLY_TO_FIELD_NUMBER: _ClassVar[int]
    MAIL_TEXTS_FIELD_NUMBER: _ClassVar[int]
    REQUIRE_VERIFIED_EMAIL_FIELD_NUMBER: _ClassVar[int]
    LOGIN_BY_EMAIL_FIELD_NUMBER: _ClassVar[int]
    SECOND_FACTOR_FIELD_NUMBER: _ClassVar[int]
    SESSION_TTL_SECONDS_FIELD_NUMBER: _ClassVar[int]
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    MAIL_APPROVED_FIELD_NUMBER: _ClassVar[int]
    org_id: str
    update_mask: _containers.RepeatedScalarFieldContainer[str]
    name: str
    verify_url: str
    reset_url: str
    mail_delivery: str
    mail_from_name: str
    mail_reply_to: str
    mail_texts: str
    require_verified_email: bool
    login_by_email: bool
    second_factor: str
    session_ttl_seconds: int
    locale: str
    mail_approved: bool
    def __init__(self, org_id: _Optional[str] = ..., update_mask: _Optional[_Iterable[str]] = ..., name: _Optional[str] = ..., verify_url: _Optional[str] = ..., reset_url: _Optional[str] = ..., mail_delivery: _Optional[str] = ..., mail_from_name: _Optional[str] = ..., mail_reply_to: _Optional[str] = ..., mail_texts: _Optional[str] = ..., require_verified_email: bool = ..., login_by_email: bool = ..., second_factor: _Optional[str] = ..., session_ttl_seconds: _Optional[int] = ..., locale: _Optional[str] = ..., mail_approved: bool = ...) -> None: ...

class UpdateOrganizationResponse(_message.Message):
    __slots__ = ("organization", "settings")
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    organization: Organization
    settings: OrganizationSettings
    def __init__(self, organization: _Optional[_Union[Organization, _Mapping]] = ..., settings: _Optional[_Union[OrganizationSettings, _Mapping]] = ...) -> None: ...

class ListOrganizationsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListOrganizationsResponse(_message.Message):
    __slots__ = ("organizations", "next_page_token")
    ORGANIZATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    organizations: _containers.RepeatedCompositeFieldContainer[Organization]
    next_page_token: str
    def __init__(self, organizations: _Optional[_Iterable[_Union[Organization, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CloseOrganizationRequest(_message.Message):
    __slots__ = ("org_id",)
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    org_id: str
    def __init__(self, org_id: _Optional[str] = ...) -> None: ...

class CloseOrganizationResponse(_message.Message):
    __slots__ = ("organization", "ended_sessions")
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    ENDED_SESSIONS_FIELD_NUMBER: _ClassVar[int]
    organization: Organization
    ended_sessions: int
    def __init__(self, organization: _Optional[_Union[Organization, _Mapping]] = ..., ended_sessions: _Optional[int] = ...) -> None: ...

class ReopenOrganizationRequest(_message.Message):
    __slots__ = ("org_id",)
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    org_id: str
    def __init__(self, org_id: _Optional[str] = ...) -> None: ...

class ReopenOrganizationResponse(_message.Message):
    __slots__ = ("organization",)
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    organization: Organization
    def __init__(self, organization: _Optional[_Union[Organization, _Mapping]] = ...) -> None: ...

class CreateApiKeyRequest(_message.Message):
    __slots__ = ("org_id", "label", "in_tokens", "kind", "impersonate")
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    IN_TOKENS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    IMPERSONATE_FIELD_NUMBER: _ClassVar[int]
    org_id: str
    label: str
    in_tokens: bool
    kind: str
    impersonate: bool
    def __init__(self, org_id: _Optional[str] = ..., label: _Optional[str] = ..., in_tokens: bool = ..., kind: _Optional[str] = ..., impersonate: bool = ...) -> None: ...

class CreateApiKeyResponse(_message.Message):
    __slots__ = ("key_id", "api_key", "label", "created_at", "in_tokens", "kind", "impersonate")
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    IN_TOKENS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    IMPERSONATE_FIELD_NUMBER: _ClassVar[int]
    key_id: str
    api_key: str
    label: str
    created_at: _timestamp_pb2.Timestamp
    in_tokens: bool
    kind: str
    impersonate: bool
    def __init__(self, key_id: _Optional[str] = ..., api_key: _Optional[str] = ..., label: _Optional[str] = ..., created_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., in_tokens: bool = ..., kind: _Optional[str] = ..., impersonate: bool = ...) -> None: ...

class ListApiKeysRequest(_message.Message):
    __slots__ = ("org_id", "page_size", "page_token")
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    org_id: str
    page_size: int
    page_token: str
    def __init__(self, org_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListApiKeysResponse(_message.Message):
    __slots__ = ("api_keys", "next_page_token")
    API_KEYS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    api_keys: _containers.RepeatedCompositeFieldContainer[ApiKey]
    next_page_token: str
    def __init__(self, api_keys: _Optional[_Iterable[_Union[ApiKey, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RevokeApiKeyRequest(_message.Message):
    __slots__ = ("org_id", "key_id", "end_sessions")
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    END_SESSIONS_FIELD_NUMBER: _ClassVar[int]
    org_id: str
    key_id: str
    end_sessions: bool
    def __init__(self, org_id: _Optional[str] = ..., key_id: _Optional[str] = ..., end_sessions: bool = ...) -> None: ...

class RevokeApiKeyResponse(_message.Message):
    __slots__ = ("api_key", "ended_sessions")
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    ENDED_SESSIONS_FIELD_NUMBER: _ClassVar[int]
    api_key: ApiKey
    ended_sessions: int
    def __init__(self, api_key: _Optional[_Union[ApiKey, _Mapping]] = ..., ended_sessions: _Optional[int] = ...) -> None: ...
