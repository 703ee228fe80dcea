from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FooBarRequest(_message.Message):
    __slots__ = ("identity", "api_key", "client_ip", "user_agent")
    IDENTITY_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    CLIENT_IP_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    identity: str
    api_key: str
    client_ip: str
    user_agent: str
    def __init__(self, identity: _Optional[str] = ..., api_key: _Optional[str] = ..., client_ip: _Optional[str] = ..., user_agent: _Optional[str] = ...) -> None: ...

class FooBarResponse(_message.Message):
    __slots__ = ("token", "expires_at")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    token: str
    expires_at: _timestamp_pb2.Timestamp
    def __init__(self, token: _Optional[str] = ..., expires_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class SignUpRequest(_message.Message):
    __slots__ = ("foobar", "api_key", "email", "password", "fullname", "disclaimed", "client_ip", "user_agent")
    FOOBAR_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    PASSWORD_FIELD_NUMBER: _ClassVar[int]
    FULLNAME_FIELD_NUMBER: _ClassVar[int]
    DISCLAIMED_FIELD_NUMBER: _ClassVar[int]
    CLIENT_IP_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    foobar: str
    api_key: str
    email: str
    password: str
    fullname: str
    disclaimed: bool
    client_ip: str
    user_agent: str
    def __init__(self, foobar: _Optional[str] = ..., api_key: _Optional[str] = ..., email: _Optional[str] = ..., password: _Optional[str] = ..., fullname: _Optional[str] = ..., disclaimed: bool = ..., client_ip: _Optional[str] = ..., user_agent: _Optional[str] = ...) -> None: ...

class SignUpResponse(_message.Message):
    __slots__ = ("user_id", "email", "fullname", "org_id")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    FULLNAME_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    email: str
    fullname: str
    org_id: str
    def __init__(self, user_id: _Optional[str] = ..., email: _Optional[str] = ..., fullname: _Optional[str] = ..., org_id: _Optional[str] = ...) -> None: ...

class LoginRequest(_message.Message):
    __slots__ = ("foobar", "email", "password", "org_id", "api_key", "client_ip", "user_agent", "session_token")
    FOOBAR_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    PASSWORD_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    CLIENT_IP_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    SESSION_TOKEN_FIELD_NUMBER: _ClassVar[int]
    foobar: str
    email: str
    password: str
    org_id: str
    api_key: str
    client_ip: str
    user_agent: str
    session_token: str
    def __init__(self, foobar: _Optional[str] = ..., email: _Optional[str] = ..., password: _Optional[str] = ..., org_id: _Optional[str] = ..., api_key: _Optional[str] = ..., client_ip: _Optional[str] = ..., user_agent: _Optional[str] = ..., session_token: _Optional[str] = ...) -> None: ...

class LoginResponse(_message.Message):
    __slots__ = ("token", "expires_at", "email", "fullname", "org_id", "user_id")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    FULLNAME_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    token: str
    expires_at: _timestamp_pb2.Timestamp
    email: str
    fullname: str
    org_id: str
    user_id: str
    def __init__(self, token: _Optional[str] = ..., expires_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., email: _Optional[str] = ..., fullname: _Optional[str] = ..., org_id: _Optional[str] = ..., user_id: _Optional[str] = ...) -> None: ...

class ValidateRequest(_message.Message):
    __slots__ = ("session_token", "email", "org_id", "api_key", "client_ip", "user_agent")
    SESSION_TOKEN_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    CLIENT_IP_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    session_token: str
    email: str
    org_id: str
    api_key: str
    client_ip: str
    user_agent: str
    def __init__(self, session_token: _Optional[str] = ..., email: _Optional[str] = ..., org_id: _Optional[str] = ..., api_key: _Optional[str] = ..., client_ip: _Optional[str] = ..., user_agent: _Optional[str] = ...) -> None: ...

class ValidateResponse(_message.Message):
    __slots__ = ("email", "fullname", "org_id", "user_id", "session_id", "expires_at", "email_verified", "roles")
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    FULLNAME_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    EMAIL_VERIFIED_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    email: str
    fullname: str
    org_id: str
    user_id: str
    session_id: str
    expires_at: _timestamp_pb2.Timestamp
    email_verified: bool
    roles: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, email: _Optional[str] = ..., fullname: _Optional[str] = ..., org_id: _Optional[str] = ..., user_id: _Optional[str] = ..., session_id: _Optional[str] = ..., expires_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., email_verified: bool = ..., roles: _Optional[_Iterable[str]] = ...) -> None: ...

class ChangePasswordRequest(_message.Message):
    __slots__ = ("session_token", "email", "new_password", "current_password", "org_id", "api_key", "client_ip", "user_agent", "code")
    SESSION_TOKEN_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    NEW_PASSWORD_FIELD_NUMBER: _ClassVar[int]
    CURRENT_PASSWORD_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    CLIENT_IP_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    session_token: str
    email: str
    new_password: str
    current_password: str
    org_id: str
    api_key: str
    client_ip: str
    user_agent: str
    code: str
    def __init__(self, session_token: _Optional[str] = ..., email: _Optional[str] = ..., new_password: _Optional[str] = ..., current_password: _Optional[str] = ..., org_id: _Optional[str] = ..., api_key: _Optional[str] = ..., client_ip: _Optional[str] = ..., user_agent: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class ChangePasswordResponse(_message.Message):
    __slots__ = ("ended_sessions",)
    ENDED_SESSIONS_FIELD_NUMBER: _ClassVar[int]
    ended_sessions: int
    def __init__(self, ended_sessions: _Optional[int] = ...) -> None: ...

class LogoutRequest(_message.Message):
    __slots__ = ("session_token", "email", "org_id", "api_key", "client_ip", "user_agent")
    SESSION_TOKEN_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    CLIENT_IP_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    session_token: str
    email: str
    org_id: str
    api_key: str
    client_ip: str
    user_agent: str
    def __init__(self, session_token: _Optional[str] = ..., email: _Optional[str] = ..., org_id: _Optional[str] = ..., api_key: _Optional[str] = ..., client_ip: _Optional[str] = ..., user_agent: _Optional[str] = ...) -> None: ...

class LogoutResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
