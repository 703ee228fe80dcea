package authflow

import (
	"context"
	"time"

	authflowv1 "go.authflow.dev/gen/authflow/v1"
)

// EnableTOTP makes a secret for an authenticator app, good for 10 minutes: nothing changes until [Client.ConfirmTOTP]. It
// makes the secret of another call void, so after a lost reply it is not repeated.
//
// Reasons: [InvalidArgument], [APIKeyInvalid], [SessionInvalid], [SessionExpired], [SessionRevoked], [AccessDenied],
// [ChallengeInvalid], [CredentialsInvalid], [ReauthenticationRequired], [SecondFactorAlreadyEnabled],
// [SecondFactorNotEnabled] (the organization takes no second factors), [Overloaded].
func (c *Client) EnableTOTP(ctx context.Context, setup TOTPSetup) (TOTPSecret, error) {
	email, err := emailUnless(setup.Challenge, setup.Email, setup.SessionToken)
	if err != nil {
		return TOTPSecret{}, err
	}
	if err := requireUTF8(
		parameter{"sessionToken", setup.SessionToken},
		parameter{"email", email},
		parameter{"currentPassword", setup.CurrentPassword},
		parameter{"challenge", setup.Challenge},
	); err != nil {
		return TOTPSecret{}, err
	}
	return repeat(ctx, c, "EnableTotp", func(ctx context.Context) (TOTPSecret, error) {
		visitor := visitorOn(ctx)
		reply, err := c.factors.EnableTotp(ctx, &authflowv1.EnableTotpRequest{
			SessionToken:    setup.SessionToken,
			Email:           email,
			CurrentPassword: setup.CurrentPassword,
			Challenge:       setup.Challenge,
			ClientIp:        visitor.ClientIP,
			UserAgent:       visitor.UserAgent,
		})
		return NewTOTPSecret(reply.GetSecret(), reply.GetOtpauthUrl(), reply.GetQrCode(), reply.GetExpiresAt().AsTime()), once(err)
	})
}

// ConfirmTOTP takes the first code of the new secret: from now on logins need one. It ends the user's other sessions, and
// gives the recovery codes, once. With a challenge it opens a session, too, unless the password must be changed first. After
// a lost reply it is not repeated: [Client.Me] or a login tells whether it was done, and [Client.RegenerateRecoveryCodes]
// gives other codes.
//
// Reasons: [InvalidArgument], [APIKeyInvalid], [SessionInvalid], [SessionExpired], [SessionRevoked], [AccessDenied],
// [ChallengeInvalid], [CodeInvalid], [AccountLocked], [SecondFactorAlreadyEnabled], [SecondFactorNotEnabled] (there is no
// secret to confirm, or it is too old).
func (c *Client) ConfirmTOTP(ctx context.Context, confirmation TOTPConfirmation) (ConfirmedTOTP, error) {
	email, err := emailUnless(confirmation.Challenge, confirmation.Email, confirmation.SessionToken)
	if err != nil {
		return ConfirmedTOTP{}, err
	}
	if err := requireUTF8(
		parameter{"sessionToken", confirmation.SessionToken},
		parameter{"email", email},
		parameter{"code", confirmation.Code},
		parameter{"challenge", confirmation.Challenge},
	); err != nil {
		return ConfirmedTOTP{}, err
	}
	return repeat(ctx, c, "ConfirmTotp", func(ctx context.Context) (ConfirmedTOTP, error) {
		visitor := visitorOn(ctx)
		reply, err := c.factors.ConfirmTotp(ctx, &authflowv1.ConfirmTotpRequest{
			SessionToken: confirmation.SessionToken,
			Email:        email,
			Code:         confirmation.Code,
			Challenge:    confirmation.Challenge,
			ClientIp:     visitor.ClientIP,
			UserAgent:    visitor.UserAgent,
		})
		return confirmedOf(reply), once(err)
	})
}

// DisableTOTP takes the second factor off, with its recovery codes, and ends the user's other sessions. After a lost reply
// it is not repeated, because the code may be spent: [Client.Me] tells whether it was done.
//
// Reasons: [InvalidArgument], [APIKeyInvalid], [SessionInvalid], [SessionExpired], [SessionRevoked], [AccessDenied],
// [CredentialsInvalid], [ReauthenticationRequired], [CodeInvalid], [AccountLocked], [SecondFactorNotEnabled], [Overloaded].
func (c *Client) DisableTOTP(ctx context.Context, proof SecondFactorProof) error {
	email, err := proof.email()
	if err != nil {
		return err
	}
	_, err = repeat(ctx, c, "DisableTotp", func(ctx context.Context) (struct{}, error) {
		visitor := visitorOn(ctx)
		_, err := c.factors.DisableTotp(ctx, &authflowv1.DisableTotpRequest{
			SessionToken:    proof.SessionToken,
			Email:           email,
			CurrentPassword: proof.CurrentPassword,
			Code:            proof.Code,
			ClientIp:        visitor.ClientIP,
			UserAgent:       visitor.UserAgent,
		})
		return struct{}{}, once(err)
	})
	return err
}

// RegenerateRecoveryCodes gives new recovery codes; those before are void. After a lost reply it is not repeated, because
// the code may be spent: call it again with another one.
//
// Reasons: as [Client.DisableTOTP].
func (c *Client) RegenerateRecoveryCodes(ctx context.Context, proof SecondFactorProof) (RecoveryCodes, error) {
	email, err := proof.email()
	if err != nil {
		return RecoveryCodes{}, err
	}
	return repeat(ctx, c, "RegenerateRecoveryCodes", func(ctx context.Context) (RecoveryCodes, error) {
		visitor := visitorOn(ctx)
		reply, err := c.factors.RegenerateRecoveryCodes(ctx, &authflowv1.RegenerateRecoveryCodesRequest{
			SessionToken:    proof.SessionToken,
			Email:           email,
			CurrentPassword: proof.CurrentPassword,
			Code:            proof.Code,
			ClientIp:        visitor.ClientIP,
			UserAgent:       visitor.UserAgent,
		})
		return NewRecoveryCodes(reply.GetRecoveryCodes()...), once(err)
	})
}

// VerifyTOTP answers a challenge by a code of the authenticator app: a [Session], or a [Challenge] where the password must
// be changed first. After a lost reply it is not repeated, because the code may be spent: the user logs in again.
//
// Reasons: [InvalidArgument], [APIKeyInvalid], [ChallengeInvalid], [CodeInvalid], [AccountLocked].
func (c *Client) VerifyTOTP(ctx context.Context, challenge, code string) (LoginStep, error) {
	if err := requireUTF8(parameter{"challenge", challenge}, parameter{"code", code}); err != nil {
		return nil, err
	}
	return NewLoginStep(repeat(ctx, c, "VerifyTotp", func(ctx context.Context) (Session, error) {
		visitor := visitorOn(ctx)
		reply, err := c.factors.VerifyTotp(ctx, &authflowv1.VerifyTotpRequest{
			Challenge: challenge,
			Code:      code,
			ClientIp:  visitor.ClientIP,
			UserAgent: visitor.UserAgent,
		})
		return sessionOf(reply), once(err)
	}))
}

// SendEmailCode mails a code of six digits to the user of a challenge, and tells until when it is good; the latest code is
// good alone. After a lost reply it is not repeated: a second mail would make the code of the first void.
//
// Reasons: [InvalidArgument], [APIKeyInvalid], [ChallengeInvalid].
func (c *Client) SendEmailCode(ctx context.Context, challenge string) (expiresAt time.Time, err error) {
	if err := requireUTF8(parameter{"challenge", challenge}); err != nil {
		return time.Time{}, err
	}
	return repeat(ctx, c, "SendEmailCode", func(ctx context.Context) (time.Time, error) {
		visitor := visitorOn(ctx)
		reply, err := c.factors.SendEmailCode(ctx, &authflowv1.SendEmailCodeRequest{
			Challenge: challenge,
			ClientIp:  visitor.ClientIP,
			UserAgent: visitor.UserAgent,
		})
		return reply.GetExpiresAt().AsTime(), once(err)
	})
}

// VerifyEmailCode answers a challenge by the code of a mail, that of [Client.SendEmailCode] or of [Client.SendLoginCode]: a
// [Session], or a [Challenge] where there is more to be done. After a lost reply it is not repeated, because the code may be
// spent: the user logs in again.
//
// Reasons: [InvalidArgument], [APIKeyInvalid], [ChallengeInvalid], [CodeInvalid], [AccountLocked].
func (c *Client) VerifyEmailCode(ctx context.Context, challenge, code string) (LoginStep, error) {
	if err := requireUTF8(parameter{"challenge", challenge}, parameter{"code", code}); err != nil {
		return nil, err
	}
	return NewLoginStep(repeat(ctx, c, "VerifyEmailCode", func(ctx context.Context) (Session, error) {
		visitor := visitorOn(ctx)
		reply, err := c.factors.VerifyEmailCode(ctx, &authflowv1.VerifyEmailCodeRequest{
			Challenge: challenge,
			Code:      code,
			ClientIp:  visitor.ClientIP,
			UserAgent: visitor.UserAgent,
		})
		return sessionOf(reply), once(err)
	}))
}

// VerifyRecoveryCode answers a challenge by a recovery code, in any spelling: a [Session] that tells how many codes are
// left, or a [Challenge] where the password must be changed first. After a lost reply it is not repeated, because the code
// may be spent: the user logs in again.
//
// Reasons: [InvalidArgument], [APIKeyInvalid], [ChallengeInvalid], [CodeInvalid], [AccountLocked].
func (c *Client) VerifyRecoveryCode(ctx context.Context, challenge, recoveryCode string) (LoginStep, error) {
	if err := requireUTF8(parameter{"challenge", challenge}, parameter{"recovery_code", recoveryCode}); err != nil {
		return nil, err
	}
	return NewLoginStep(repeat(ctx, c, "VerifyRecoveryCode", func(ctx context.Context) (Session, error) {
		visitor := visitorOn(ctx)
		reply, err := c.factors.VerifyRecoveryCode(ctx, &authflowv1.VerifyRecoveryCodeRequest{
			Challenge:    challenge,
			RecoveryCode: recoveryCode,
			ClientIp:     visitor.ClientIP,
			UserAgent:    visitor.UserAgent,
		})
		left, session := reply.GetRecoveryCodesLeft(), sessionOf(reply)
		session.RecoveryCodesLeft = &left
		return session, once(err)
	}))
}

// emailUnless is the e-mail of a session, as [emailOr] finds it, unless a challenge stands in its place.
func emailUnless(challenge, email, sessionToken string) (string, error) {
	if challenge != "" {
		return email, nil
	}
	return emailOr(email, sessionToken)
}

// email is the one that was given or that the token names, where all can be sent.
func (p SecondFactorProof) email() (string, error) {
	email, err := sessionEmail(p.SessionToken, p.Email)
	if err != nil {
		return "", err
	}
	return email, requireUTF8(parameter{"currentPassword", p.CurrentPassword}, parameter{"code", p.Code})
}
