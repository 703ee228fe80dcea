"""Logins with a second step, on fakes and on a server: what is done beside the clients, and an authenticator app."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol, Union
from urllib.parse import urlencode

import pyotp
import stand
from authflow_stubs.v1 import organization_service_pb2 as organizations_pb
from authflow_stubs.v1 import user_service_pb2 as users_pb
from authflow_stubs.v1.user_service_pb2_grpc import UserServiceStub

from authflow_client import AuthFlow, Challenge, Session
from authflow_client.fake import AsyncAuthFlowFake, AuthFlowFake

Fake = Union[AuthFlowFake, AsyncAuthFlowFake]


class Beside(Protocol):
    """What is not a client's: a backend manages, a user reads mail, time goes by."""

    def now(self) -> float: ...

    def wait(self, seconds: int) -> None: ...

    def set_organization(self, **settings: Any) -> None: ...

    def set_password(self, email: str, password: str) -> None:
        """One that must be changed."""
        ...

    def disable(self, email: str) -> None: ...

    def reset_second_factor(self, email: str) -> None: ...

    def mailed(self, kind: str, email: str) -> str:
        """The token of a mail."""
        ...


class BesideFake:
    def __init__(self, fake: Fake) -> None:
        self.fake = fake
        self._waited = 0

    def now(self) -> float:
        return time.time() + self._waited

    def wait(self, seconds: int) -> None:
        self._waited += seconds
        self.fake.advance(timedelta(seconds=seconds))

    def set_organization(self, **settings: Any) -> None:
        self.fake.set_organization(**settings)

    def set_password(self, email: str, password: str) -> None:
        self.fake.set_password(email, password, must_change=True)

    def disable(self, email: str) -> None:
        self.fake.disable_user(email)

    def reset_second_factor(self, email: str) -> None:
        self.fake.reset_second_factor(email)

    def mailed(self, kind: str, email: str) -> str:
        return [mail.token for mail in self.fake.mails if (mail.kind, mail.to) == (kind, email)][-1]

    def code(self, kind: str, email: str) -> str:
        """The code of a mail."""
        return [mail.code for mail in self.fake.mails if (mail.kind, mail.to) == (kind, email)][-1]


@dataclass(frozen=True)
class BesideServer:
    organizations: stand.Organizations
    organization: stand.Organization

    def now(self) -> float:
        return time.time()

    def wait(self, seconds: int) -> None:
        time.sleep(seconds)

    def set_organization(self, **settings: Any) -> None:
        request = organizations_pb.UpdateOrganizationRequest(
            org_id=self.organization.org_id, update_mask=list(settings), **settings
        )
        self.organizations.stub.UpdateOrganization(request, metadata=self.organizations.metadata, timeout=10)

    def set_password(self, email: str, password: str) -> None:
        self._manage("SetPassword", users_pb.SetPasswordRequest, email, new_password=password, must_change=True)

    def disable(self, email: str) -> None:
        self._manage("DisableUser", users_pb.DisableUserRequest, email)

    def reset_second_factor(self, email: str) -> None:
        self._manage("ResetSecondFactor", users_pb.ResetSecondFactorRequest, email)

    def mailed(self, kind: str, email: str) -> str:
        asked = {"org_id": self.organization.org_id, "kind": kind, "email": email, "to": email}
        token: str = stand.control("POST", f"mail-tokens?{urlencode(asked)}")["token"]
        return token

    def _manage(self, method: str, kind: Any, email: str, **fields: Any) -> None:
        stub, org_id = UserServiceStub(self.organizations.channel), self.organization.org_id
        asked = users_pb.ListUsersRequest(org_id=org_id, search=email)
        user_id = stub.ListUsers(asked, metadata=self.organizations.metadata, timeout=10).users[0].user_id
        request = kind(org_id=org_id, user_id=user_id, **fields)
        getattr(stub, method)(request, metadata=self.organizations.metadata, timeout=10)


class App:
    """An authenticator app of another make, which shows each code once."""

    def __init__(self, beside: Beside, secret: str) -> None:
        self._beside = beside
        self._totp = pyotp.TOTP(secret)
        self._step = 0

    def code(self) -> str:
        """Of this step, else of the next one, which is good already, else after a while."""
        self._step = max(self._step + 1, int(self._beside.now()) // 30)
        while self._step > int(self._beside.now()) // 30 + 1:
            self._beside.wait(30)
        return self._totp.at(self._step * 30)

    def wrong_code(self) -> str:
        """One that is good for nothing now."""
        now = int(self._beside.now())
        good = {self._totp.at(now + 30 * steps) for steps in range(-3, 4)}
        return next(code for code in (f"{number:06}" for number in range(9)) if code not in good)


@dataclass(frozen=True)
class User:
    """A user, with the session and the password that there are."""

    email: str
    password: str
    session: Session


@dataclass(frozen=True)
class Enrolled(User):
    """A user with a second factor."""

    app: App
    recovery_codes: tuple[str, ...]


def signed_up(authflow: AuthFlow, *, verified_beside: Beside | None = None) -> User:
    """A new user, who has proven the address where there is somebody who reads mails."""
    email = stand.new_email()
    authflow.sign_up(email, stand.PASSWORD, "Ada Lovelace", disclaimed=True)
    if verified_beside is not None:
        authflow.send_verification_email(email)
        authflow.verify_email(verified_beside.mailed("verify", email))
    return User(email, stand.PASSWORD, authflow.login(email, stand.PASSWORD))


def enrolled(authflow: AuthFlow, beside: Beside, *, verified: bool = False) -> Enrolled:
    user = signed_up(authflow, verified_beside=beside if verified else None)
    app = App(beside, authflow.enable_totp(user.session.token).secret)
    confirmed = authflow.confirm_totp(user.session.token, code=app.code())
    assert confirmed.session is None
    return Enrolled(user.email, user.password, user.session, app, confirmed.recovery_codes)


def challenge_of(authflow: AuthFlow, user: User) -> Challenge:
    """What a login of the user leads to."""
    step = authflow.login_step(user.email, user.password)
    assert isinstance(step, Challenge)
    return step
