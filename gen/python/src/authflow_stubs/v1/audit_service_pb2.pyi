from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AuditEvent(_message.Message):
    __slots__ = ("event_id", "created_at", "type", "org_id", "actor", "key_id", "user_id", "target_id", "result", "reason", "request_id", "address", "claimed_client_ip", "claimed_user_agent", "count", "details")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    TARGET_ID_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    CLAIMED_CLIENT_IP_FIELD_NUMBER: _ClassVar[int]
    CLAIMED_USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    DETAILS_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    created_at: _timestamp_pb2.Timestamp
    type: str
    org_id: str
    actor: str
    key_id: str
    user_id: str
    target_id: str
    result: str
    reason: str
    request_id: str
    address: str
    claimed_client_ip: str
    claimed_user_agent: str
    count: int
    details: _containers.RepeatedCompositeFieldContainer[AuditDetail]
    def __init__(self, event_id: _Optional[str] = ..., created_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., type: _Optional[str] = ..., org_id: _Optional[str] = ..., actor: _Optional[str] = ..., key_id: _Optional[str] = ..., user_id: _Optional[str] = ..., target_id: _Optional[str] = ..., result: _Optional[str] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ..., address: _Optional[str] = ..., claimed_client_ip: _Optional[str] = ..., claimed_user_agent: _Optional[str] = ..., count: _Optional[int] = ..., details: _Optional[_Iterable[_Union[AuditDetail, _Mapping]]] = ...) -> None: ...

class AuditDetail(_message.Message):
    __slots__ = ("name", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: str
    def __init__(self, name: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class ListAuditEventsRequest(_message.Message):
    __slots__ = ("org_id", "user_id", "type", "to", "page_size", "page_token")
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    org_id: str
    user_id: str
    type: str
    to: str
    page_size: int
    page_token: str
    def __init__(self, org_id: _Optional[str] = ..., user_id: _Optional[str] = ..., type: _Optional[str] = ..., to: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., **kwargs) -> None: ...

class ListAuditEventsResponse(_message.Message):
    __slots__ = ("events", "next_page_token")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[AuditEvent]
    next_page_token: str
    def __init__(self, events: _Optional[_Iterable[_Union[AuditEvent, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
