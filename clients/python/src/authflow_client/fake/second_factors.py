"""SecondFactorService in memory, beside the others."""

from __future__ import annotations

from typing import Any, Callable

from authflow_stubs.v1 import second_factor_service_pb2 as pb
from authflow_stubs.v1.account_service_pb2 import SendLoginCodeRequest, SendLoginCodeResponse

from authflow_client.reasons import Reason

from .accounts import FakeAccounts, Mail
from .challenges import OpenChallenge
from .codes import code_fault, digits_fault, image_of, otpauth_url, recovery_code_fault
from .records import Session, User
from .refusals import proof_faults, refuse_faults, refused, session_faults
from .rules import password_fault, required_fault
from .service import timestamp

_ISSUER = "AuthFlowFake"


class FakeSecondFactors(FakeAccounts):
    """Answers the requests of all calls. Safe for threads."""

    def _answers(self) -> dict[str, Callable[[Any], Any]]:
        return {
            **super()._answers(),
            "SendLoginCode": self._send_login_code,
            "EnableTotp": self._enable_totp,
            "ConfirmTotp": self._confirm_totp,
            "DisableTotp": self._disable_totp,
            "RegenerateRecoveryCodes": self._regenerate_recovery_codes,
            "VerifyTotp": self._verify_totp,
            "SendEmailCode": self._send_email_code,
            "VerifyEmailCode": self._verify_email_code,
            "VerifyRecoveryCode": self._verify_recovery_code,
        }

    def _send_login_code(self, request: SendLoginCodeRequest) -> SendLoginCodeResponse:
        user = self._user_at(request.email)
        if not self._settings.login_by_email:
            raise refused(Reason.ACCESS_DENIED)
        challenge = self._challenges.begin(user, ("email",), self._now(), is_of_login_code=True)
        if user is not None and not user.is_disabled:
            self._mail_code("login_code", challenge)
        return SendLoginCodeResponse(challenge=challenge.token, expires_at=timestamp(challenge.expires_at))

    def _enable_totp(self, request: pb.EnableTotpRequest) -> pb.EnableTotpResponse:
        user = self._challenged_to_set_up(request) if request.challenge else self._asking_to_set_up(request)
        secret, expires_at = user.factor.begin(self._now())
        url = otpauth_url(secret, _ISSUER, user.email)
        return pb.EnableTotpResponse(
            secret=secret, otpauth_url=url, qr_code=image_of(url), expires_at=timestamp(expires_at)
        )

    def _challenged_to_set_up(self, request: pb.EnableTotpRequest) -> User:
        user = self._setting_up(request.challenge).user
        assert user is not None
        self._refuse_setup(user)
        return user

    def _asking_to_set_up(self, request: pb.EnableTotpRequest) -> User:
        refuse_faults(**session_faults(request), currentPassword=password_fault(request.current_password))
        session = self._live(request).session
        self._refuse_setup(session.user)
        self._require_fresh_login(session, request.current_password)
        return session.user

    def _confirm_totp(self, request: pb.ConfirmTotpRequest) -> pb.ConfirmTotpResponse:
        faults = {"code": digits_fault(request.code)}
        if request.challenge:
            refuse_faults(**faults)
            return self._confirm_by_challenge(request)
        refuse_faults(**session_faults(request), **faults)
        session = self._live(request).session
        return pb.ConfirmTotpResponse(recovery_codes=self._confirm(session.user, request.code, session))

    def _confirm_by_challenge(self, request: pb.ConfirmTotpRequest) -> pb.ConfirmTotpResponse:
        challenge = self._setting_up(request.challenge, takes_a_try=True)
        user = challenge.user
        assert user is not None
        recovery_codes = self._confirm(user, request.code, None)
        self._challenges.spend(challenge)
        opened = {} if user.must_change else self._log_in(user, request)
        return pb.ConfirmTotpResponse(recovery_codes=recovery_codes, **opened)

    def _disable_totp(self, request: pb.DisableTotpRequest) -> pb.DisableTotpResponse:
        session = self._with_factor(request)
        session.user.factor.turn_off()
        self._change_factor(session.user, session)
        return pb.DisableTotpResponse()

    def _regenerate_recovery_codes(
        self, request: pb.RegenerateRecoveryCodesRequest
    ) -> pb.RegenerateRecoveryCodesResponse:
        user = self._with_factor(request).user
        user.credential_version += 1
        return pb.RegenerateRecoveryCodesResponse(recovery_codes=user.factor.renew_recovery_codes())

    def _verify_totp(self, request: pb.VerifyTotpRequest) -> pb.VerifyTotpResponse:
        refuse_faults(challenge=required_fault(request.challenge), code=digits_fault(request.code))
        challenge = self._challenges.try_at(request.challenge, "totp", self._now())
        assert challenge.user is not None
        challenge.user.factor.take_totp(request.code, self._now())
        return pb.VerifyTotpResponse(**self._answered(challenge, request))

    def _send_email_code(self, request: pb.SendEmailCodeRequest) -> pb.SendEmailCodeResponse:
        refuse_faults(challenge=required_fault(request.challenge))
        challenge = self._challenges.find(request.challenge, "email", self._now())
        if challenge.is_of_login_code:
            # SendLoginCode mails its code itself.
            raise refused(Reason.CHALLENGE_INVALID)
        return pb.SendEmailCodeResponse(expires_at=timestamp(self._mail_code("email_code", challenge)))

    def _verify_email_code(self, request: pb.VerifyEmailCodeRequest) -> pb.VerifyEmailCodeResponse:
        refuse_faults(challenge=required_fault(request.challenge), code=digits_fault(request.code))
        challenge = self._challenges.try_at(request.challenge, "email", self._now())
        challenge.take_email_code(request.code, self._now())
        user = challenge.user
        assert user is not None
        if challenge.is_of_login_code:
            user.email_verified = True
        if challenge.is_of_login_code or "setup" in challenge.methods:
            self._challenges.spend(challenge)
            self._require_second_factor(user, by_mail=True)
        return pb.VerifyEmailCodeResponse(**self._answered(challenge, request))

    def _verify_recovery_code(self, request: pb.VerifyRecoveryCodeRequest) -> pb.VerifyRecoveryCodeResponse:
        refuse_faults(
            challenge=required_fault(request.challenge), recovery_code=recovery_code_fault(request.recovery_code)
        )
        challenge = self._challenges.try_at(request.challenge, "recovery", self._now())
        assert challenge.user is not None
        factor = challenge.user.factor
        factor.take_recovery_code(request.recovery_code)
        opened = self._answered(challenge, request)
        return pb.VerifyRecoveryCodeResponse(**opened, recovery_codes_left=len(factor.recovery_codes))

    def _answered(self, challenge: OpenChallenge, request: Any) -> dict[str, Any]:
        """What a login answers after its challenge."""
        assert challenge.user is not None
        self._challenges.spend(challenge)
        self._require_kept_password(challenge.user)
        return self._log_in(challenge.user, request)

    def _setting_up(self, token: str, *, takes_a_try: bool = False) -> OpenChallenge:
        """A challenge that opens the setup: where the mailbox is to be proven first, that one does not."""
        found = self._challenges.find(token, "setup", self._now())
        if "email" in found.methods:
            raise refused(Reason.CHALLENGE_INVALID)
        return self._challenges.try_at(token, "setup", self._now()) if takes_a_try else found

    def _refuse_setup(self, user: User) -> None:
        if user.factor.is_on:
            raise refused(Reason.SECOND_FACTOR_ALREADY_ENABLED)
        if self._settings.second_factor == "off":
            raise refused(Reason.SECOND_FACTOR_NOT_ENABLED)

    def _confirm(self, user: User, code: str, asking: Session | None) -> list[str]:
        self._refuse_setup(user)
        recovery_codes = user.factor.confirm(code, self._now())
        self._change_factor(user, asking)
        return recovery_codes

    def _change_factor(self, user: User, asking: Session | None) -> None:
        user.credential_version += 1
        self._end(user, lambda each: each is not asking)

    def _with_factor(self, request: Any) -> Session:
        """The session of a request that brings a fresh proof and a code of a second factor."""
        refuse_faults(**session_faults(request), **{**proof_faults(request), "code": code_fault(request.code)})
        session = self._live(request).session
        if not session.user.factor.is_on:
            raise refused(Reason.SECOND_FACTOR_NOT_ENABLED)
        self._require_fresh_proof(session, request.current_password, request.code)
        return session

    def _mail_code(self, kind: str, challenge: OpenChallenge) -> Any:
        """Mails a code, and tells until when it is good."""
        assert challenge.user is not None
        code, expires_at = self._challenges.new_email_code(challenge, self._now())
        self._mails.append(Mail(kind, challenge.user.email, code=code))
        return expires_at
