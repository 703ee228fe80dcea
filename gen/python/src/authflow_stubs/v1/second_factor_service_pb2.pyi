from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EnableTotpRequest(_message.Message):
    __slots__ = ("session_token", "email", "org_id", "api_key", "client_ip", "user_agent", "current_password", "challenge")
    SESSION_TOKEN_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    CLIENT_IP_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    CURRENT_PASSWORD_FIELD_NUMBER: _ClassVar[int]
    CHALLENGE_FIELD_NUMBER: _ClassVar[int]
    session_token: str
    email: str
    org_id: str
    api_key: str
    client_ip: str
    user_agent: str
    current_password: str
    challenge: str
    def __init__(self, session_token: _Optional[str] = ..., email: _Optional[str] = ..., org_id: _Optional[str] = ..., api_key: _Optional[str] = ..., client_ip: _Optional[str] = ..., user_agent: _Optional[str] = ..., current_password: _Optional[str] = ..., challenge: _Optional[str] = ...) -> None: ...

class EnableTotpResponse(_message.Message):
    __slots__ = ("secret", "otpauth_url", "qr_code", "expires_at")
    SECRET_FIELD_NUMBER: _ClassVar[int]
    OTPAUTH_URL_FIELD_NUMBER: _ClassVar[int]
    QR_CODE_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    secret: str
    otpauth_url: str
    qr_code: str
    expires_at: _timestamp_pb2.Timestamp
    def __init__(self, secret: _Optional[str] = ..., otpauth_url: _Optional[str] = ..., qr_code: _Optional[str] = ..., expires_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ConfirmTotpRequest(_message.Message):
    __slots__ = ("session_token", "email", "org_id", "api_key", "client_ip", "user_agent", "code", "challenge")
    SESSION_TOKEN_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    CLIENT_IP_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    CHALLENGE_FIELD_NUMBER: _ClassVar[int]
    session_token: str
    email: str
    org_id: str
    api_key: str
    client_ip: str
    user_agent: str
    code: str
    challenge: str
    def __init__(self, session_token: _Optional[str] = ..., email: _Optional[str] = ..., org_id: _Optional[str] = ..., api_key: _Optional[str] = ..., client_ip: _Optional[str] = ..., user_agent: _Optional[str] = ..., code: _Optional[str] = ..., challenge: _Optional[str] = ...) -> None: ...

class ConfirmTotpResponse(_message.Message):
    __slots__ = ("recovery_codes", "token", "expires_at", "email", "fullname", "org_id", "user_id")
    RECOVERY_CODES_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    FULLNAME_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    recovery_codes: _containers.RepeatedScalarFieldContainer[str]
    token: str
    expires_at: _timestamp_pb2.Timestamp
    email: str
    fullname: str
    org_id: str
    user_id: str
    def __init__(self, recovery_codes: _Optional[_Iterable[str]] = ..., token: _Optional[str] = ..., expires_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., email: _Optional[str] = ..., fullname: _Optional[str] = ..., org_id: _Optional[str] = ..., user_id: _Optional[str] = ...) -> None: ...

class DisableTotpRequest(_message.Message):
    __slots__ = ("session_token", "email", "org_id", "api_key", "client_ip", "user_agent", "code", "current_password")
    SESSION_TOKEN_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    CLIENT_IP_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    CURRENT_PASSWORD_FIELD_NUMBER: _ClassVar[int]
    session_token: str
    email: str
    org_id: str
    api_key: str
    client_ip: str
    user_agent: str
    code: str
    current_password: str
    def __init__(self, session_token: _Optional[str] = ..., email: _Optional[str] = ..., org_id: _Optional[str] = ..., api_key: _Optional[str] = ..., client_ip: _Optional[str] = ..., user_agent: _Optional[str] = ..., code: _Optional[str] = ..., current_password: _Optional[str] = ...) -> None: ...

class DisableTotpResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class RegenerateRecoveryCodesRequest(_message.Message):
    __slots__ = ("session_token", "email", "org_id", "api_key", "client_ip", "user_agent", "code", "current_password")
    SESSION_TOKEN_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    CLIENT_IP_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    CURRENT_PASSWORD_FIELD_NUMBER: _ClassVar[int]
    session_token: str
    email: str
    org_id: str
    api_key: str
    client_ip: str
    user_agent: str
    code: str
    current_password: str
    def __init__(self, session_token: _Optional[str] = ..., email: _Optional[str] = ..., org_id: _Optional[str] = ..., api_key: _Optional[str] = ..., client_ip: _Optional[str] = ..., user_agent: _Optional[str] = ..., code: _Optional[str] = ..., current_password: _Optional[str] = ...) -> None: ...

class RegenerateRecoveryCodesResponse(_message.Message):
    __slots__ = ("recovery_codes",)
    RECOVERY_CODES_FIELD_NUMBER: _ClassVar[int]
    recovery_codes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, recovery_codes: _Optional[_Iterable[str]] = ...) -> None: ...

class VerifyTotpRequest(_message.Message):
    __slots__ = ("challenge", "org_id", "api_key", "client_ip", "user_agent", "code")
    CHALLENGE_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    CLIENT_IP_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    challenge: str
    org_id: str
    api_key: str
    client_ip: str
    user_agent: str
    code: str
    def __init__(self, challenge: _Optional[str] = ..., org_id: _Optional[str] = ..., api_key: _Optional[str] = ..., client_ip: _Optional[str] = ..., user_agent: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class VerifyTotpResponse(_message.Message):
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

class SendEmailCodeRequest(_message.Message):
    __slots__ = ("challenge", "org_id", "api_key", "client_ip", "user_agent")
    CHALLENGE_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    CLIENT_IP_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    challenge: str
    org_id: str
    api_key: str
    client_ip: str
    user_agent: str
    def __init__(self, challenge: _Optional[str] = ..., org_id: _Optional[str] = ..., api_key: _Optional[str] = ..., client_ip: _Optional[str] = ..., user_agent: _Optional[str] = ...) -> None: ...

class SendEmailCodeResponse(_message.Message):
    __slots__ = ("expires_at",)
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    expires_at: _timestamp_pb2.Timestamp
    def __init__(self, expires_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class VerifyEmailCodeRequest(_message.Message):
    __slots__ = ("challenge", "org_id", "api_key", "client_ip", "user_agent", "code")
    CHALLENGE_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    CLIENT_IP_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    challenge: str
    org_id: str
    api_key: str
    client_ip: str
    user_agent: str
    code: str
    def __init__(self, challenge: _Optional[str] = ..., org_id: _Optional[str] = ..., api_key: _Optional[str] = ..., client_ip: _Optional[str] = ..., user_agent: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class VerifyEmailCodeResponse(_message.Message):
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

class VerifyRecoveryCodeRequest(_message.Message):
    __slots__ = ("challenge", "org_id", "api_key", "client_ip", "user_agent", "recovery_code")
    CHALLENGE_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    CLIENT_IP_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    RECOVERY_CODE_FIELD_NUMBER: _ClassVar[int]
    challenge: str
    org_id: str
    api_key: str
    client_ip: str
    user_agent: str
    recovery_code: str
    def __init__(self, challenge: _Optional[str] = ..., org_id: _Optional[str] = ..., api_key: _Optional[str] = ..., client_ip: _Optional[str] = ..., user_agent: _Optional[str] = ..., recovery_code: _Optional[str] = ...) -> None: ...

class VerifyRecoveryCodeResponse(_message.Message):
    __slots__ = ("token", "expires_at", "email", "fullname", "org_id", "user_id", "recovery_codes_left")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    FULLNAME_FIELD_NUMBER: _ClassVar[int]
    ORG_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    RECOVERY_CODES_LEFT_FIELD_NUMBER: _ClassVar[int]
    token: str
    expires_at: _timestamp_pb2.Timestamp
    email: str
    fullname: str
    org_id: str
    user_id: str
    recovery_codes_left: int
    def __init__(self, token: _Optional[str] = ..., expires_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., email: _Optional[str] = ..., fullname: _Optional[str] = ..., org_id: _Optional[str] = ..., user_id: _Optional[str] = ..., recovery_codes_left: _Optional[int] = ...) -> None: ...
