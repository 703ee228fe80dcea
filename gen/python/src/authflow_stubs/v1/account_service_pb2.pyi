from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class MeRequest(_message.Message):
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

class MeResponse(_message.Message):
    __slots__ = ("email", "fullname", "role", "roles", "user_id", "org_id", "session_id", "expires_at", "email_verified", "second_factor", "recovery_codes_left", "public_metadata", "created_at")
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    FULLNAME_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    EMAIL_VERIFIED_FIELD_NUMBER: _ClassVar[int]
    SECOND_FACTOR_FIELD_NUMBER: _ClassVar[int]
    RECOVERY_CODES_LEFT_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_METADATA_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    email: str
    fullname: str
    role: str
    roles: _containers.RepeatedScalarFieldContainer[str]
    user_id: str
    org_id: str
    session_id: str
    expires_at: _timestamp_pb2.Timestamp
    email_verified: bool
    second_factor: bool
    recovery_codes_left: int
    public_metadata: str
    created_at: _timestamp_pb2.Timestamp
    def __init__(self, email: _Optional[str] = ..., fullname: _Optional[str] = ..., role: _Optional[str] = ..., roles: _Optional[_Iterable[str]] = ..., user_id: _Optional[str] = ..., org_id: _Optional[str] = ..., session_id: _Optional[str] = ..., expires_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., email_verified: bool = ..., second_factor: bool = ..., recovery_codes_left: _Optional[int] = ..., public_metadata: _Optional[str] = ..., created_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class SendVerificationEmailRequest(_message.Message):
    __slots__ = ("email", "api_key", "client_ip", "user_agent")
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    CLIENT_IP_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    email: str
    api_key: str
    client_ip: str
    user_agent: str
    def __init__(self, email: _Optional[str] = ..., api_key: _Optional[str] = ..., client_ip: _Optional[str] = ..., user_agent: _Optional[str] = ...) -> None: ...

class SendVerificationEmailResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class VerifyEmailRequest(_message.Message):
    __slots__ = ("token", "client_ip", "user_agent")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    CLIENT_IP_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    token: str
    client_ip: str
    user_agent: str
    def __init__(self, token: _Optional[str] = ..., client_ip: _Optional[str] = ..., user_agent: _Optional[str] = ...) -> None: ...

class VerifyEmailResponse(_message.Message):
    __slots__ = ("email", "user_id", "org_id")
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    email: str
    user_id: str
    org_id: str
    def __init__(self, email: _Optional[str] = ..., user_id: _Optional[str] = ..., org_id: _Optional[str] = ...) -> None: ...

class ForgotPasswordRequest(_message.Message):
    __slots__ = ("email", "api_key", "client_ip", "user_agent")
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    CLIENT_IP_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    email: str
    api_key: str
    client_ip: str
    user_agent: str
    def __init__(self, email: _Optional[str] = ..., api_key: _Optional[str] = ..., client_ip: _Optional[str] = ..., user_agent: _Optional[str] = ...) -> None: ...

class ForgotPasswordResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ResetPasswordRequest(_message.Message):
    __slots__ = ("token", "new_password", "client_ip", "user_agent", "current_password")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    NEW_PASSWORD_FIELD_NUMBER: _ClassVar[int]
    CLIENT_IP_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    CURRENT_PASSWORD_FIELD_NUMBER: _ClassVar[int]
    token: str
    new_password: str
    client_ip: str
    user_agent: str
    current_password: str
    def __init__(self, token: _Optional[str] = ..., new_password: _Optional[str] = ..., client_ip: _Optional[str] = ..., user_agent: _Optional[str] = ..., current_password: _Optional[str] = ...) -> None: ...

class ResetPasswordResponse(_message.Message):
    __slots__ = ("email", "org_id", "ended_sessions")
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    ENDED_SESSIONS_FIELD_NUMBER: _ClassVar[int]
    email: str
    org_id: str
    ended_sessions: int
    def __init__(self, email: _Optional[str] = ..., org_id: _Optional[str] = ..., ended_sessions: _Optional[int] = ...) -> None: ...

class RenewSessionRequest(_message.Message):
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

class RenewSessionResponse(_message.Message):
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

class ListMySessionsRequest(_message.Message):
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

class ListMySessionsResponse(_message.Message):
    __slots__ = ("sessions",)
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    sessions: _containers.RepeatedCompositeFieldContainer[MySession]
    def __init__(self, sessions: _Optional[_Iterable[_Union[MySession, _Mapping]]] = ...) -> None: ...

class MySession(_message.Message):
    __slots__ = ("session_id", "created_at", "last_used_at", "expires_at", "client_ip", "user_agent", "current")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    LAST_USED_AT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    CLIENT_IP_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    created_at: _timestamp_pb2.Timestamp
    last_used_at: _timestamp_pb2.Timestamp
    expires_at: _timestamp_pb2.Timestamp
    client_ip: str
    user_agent: str
    current: bool
    def __init__(self, session_id: _Optional[str] = ..., created_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., last_used_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., expires_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., client_ip: _Optional[str] = ..., user_agent: _Optional[str] = ..., current: bool = ...) -> None: ...

class EndMySessionsRequest(_message.Message):
    __slots__ = ("session_token", "email", "org_id", "api_key", "client_ip", "user_agent", "session_id")
    SESSION_TOKEN_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    CLIENT_IP_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    session_token: str
    email: str
    org_id: str
    api_key: str
    client_ip: str
    user_agent: str
    session_id: str
    def __init__(self, session_token: _Optional[str] = ..., email: _Optional[str] = ..., org_id: _Optional[str] = ..., api_key: _Optional[str] = ..., client_ip: _Optional[str] = ..., user_agent: _Optional[str] = ..., session_id: _Optional[str] = ...) -> None: ...

class EndMySessionsResponse(_message.Message):
    __slots__ = ("ended_sessions",)
    ENDED_SESSIONS_FIELD_NUMBER: _ClassVar[int]
    ended_sessions: int
    def __init__(self, ended_sessions: _Optional[int] = ...) -> None: ...

class UpdateProfileRequest(_message.Message):
    __slots__ = ("session_token", "email", "org_id", "api_key", "client_ip", "user_agent", "fullname")
    SESSION_TOKEN_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    CLIENT_IP_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    FULLNAME_FIELD_NUMBER: _ClassVar[int]
    session_token: str
    email: str
    org_id: str
    api_key: str
    client_ip: str
    user_agent: str
    fullname: str
    def __init__(self, session_token: _Optional[str] = ..., email: _Optional[str] = ..., org_id: _Optional[str] = ..., api_key: _Optional[str] = ..., client_ip: _Optional[str] = ..., user_agent: _Optional[str] = ..., fullname: _Optional[str] = ...) -> None: ...

class UpdateProfileResponse(_message.Message):
    __slots__ = ("email", "fullname", "role", "roles", "user_id", "org_id", "session_id", "expires_at", "email_verified", "second_factor", "recovery_codes_left", "public_metadata", "created_at")
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    FULLNAME_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    EMAIL_VERIFIED_FIELD_NUMBER: _ClassVar[int]
    SECOND_FACTOR_FIELD_NUMBER: _ClassVar[int]
    RECOVERY_CODES_LEFT_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_METADATA_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    email: str
    fullname: str
    role: str
    roles: _containers.RepeatedScalarFieldContainer[str]
    user_id: str
    org_id: str
    session_id: str
    expires_at: _timestamp_pb2.Timestamp
    email_verified: bool
    second_factor: bool
    recovery_codes_left: int
    public_metadata: str
    created_at: _timestamp_pb2.Timestamp
    def __init__(self, email: _Optional[str] = ..., fullname: _Optional[str] = ..., role: _Optional[str] = ..., roles: _Optional[_Iterable[str]] = ..., user_id: _Optional[str] = ..., org_id: _Optional[str] = ..., session_id: _Optional[str] = ..., expires_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., email_verified: bool = ..., second_factor: bool = ..., recovery_codes_left: _Optional[int] = ..., public_metadata: _Optional[str] = ..., created_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ChangeEmailRequest(_message.Message):
    __slots__ = ("session_token", "email", "org_id", "api_key", "client_ip", "user_agent", "new_email", "current_password", "code")
    SESSION_TOKEN_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    CLIENT_IP_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    NEW_EMAIL_FIELD_NUMBER: _ClassVar[int]
    CURRENT_PASSWORD_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    session_token: str
    email: str
    org_id: str
    api_key: str
    client_ip: str
    user_agent: str
    new_email: str
    current_password: str
    code: str
    def __init__(self, session_token: _Optional[str] = ..., email: _Optional[str] = ..., org_id: _Optional[str] = ..., api_key: _Optional[str] = ..., client_ip: _Optional[str] = ..., user_agent: _Optional[str] = ..., new_email: _Optional[str] = ..., current_password: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class ChangeEmailResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DeleteAccountRequest(_message.Message):
    __slots__ = ("session_token", "email", "org_id", "api_key", "client_ip", "user_agent", "current_password", "code")
    SESSION_TOKEN_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    CLIENT_IP_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    CURRENT_PASSWORD_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    session_token: str
    email: str
    org_id: str
    api_key: str
    client_ip: str
    user_agent: str
    current_password: str
    code: str
    def __init__(self, session_token: _Optional[str] = ..., email: _Optional[str] = ..., org_id: _Optional[str] = ..., api_key: _Optional[str] = ..., client_ip: _Optional[str] = ..., user_agent: _Optional[str] = ..., current_password: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class DeleteAccountResponse(_message.Message):
    __slots__ = ("ended_sessions",)
    ENDED_SESSIONS_FIELD_NUMBER: _ClassVar[int]
    ended_sessions: int
    def __init__(self, ended_sessions: _Optional[int] = ...) -> None: ...

class SendLoginCodeRequest(_message.Message):
    __slots__ = ("email", "api_key", "client_ip", "user_agent")
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    CLIENT_IP_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    email: str
    api_key: str
    client_ip: str
    user_agent: str
    def __init__(self, email: _Optional[str] = ..., api_key: _Optional[str] = ..., client_ip: _Optional[str] = ..., user_agent: _Optional[str] = ...) -> None: ...

class SendLoginCodeResponse(_message.Message):
    __slots__ = ("challenge", "expires_at")
    CHALLENGE_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    challenge: str
    expires_at: _timestamp_pb2.Timestamp
    def __init__(self, challenge: _Optional[str] = ..., expires_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
