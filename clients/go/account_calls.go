package authflow

import (
	"context"

	authflowv1 "go.authflow.dev/gen/authflow/v1"
)

// Me tells all about the user of a live session. An e-mail that is not empty must be the session's. It is repeated
// freely.
//
// Reasons: [InvalidArgument], [APIKeyInvalid], [SessionInvalid], [SessionExpired], [SessionRevoked].
func (c *Client) Me(ctx context.Context, sessionToken, email string) (Account, error) {
	if err := requireUTF8(parameter{"sessionToken", sessionToken}, parameter{"email", email}); err != nil {
		return Account{}, err
	}
	return repeat(ctx, c, "Me", func(ctx context.Context) (Account, error) {
		visitor := visitorOn(ctx)
		reply, err := c.accounts.Me(ctx, &authflowv1.MeRequest{
			SessionToken: sessionToken,
			Email:        email,
			ClientIp:     visitor.ClientIP,
			UserAgent:    visitor.UserAgent,
		})
		return accountOf(reply), err
	})
}

// SendVerificationEmail mails a link that proves an address; it never tells whether somebody has it. It is repeated
// freely.
//
// Reasons: [InvalidArgument], [APIKeyInvalid], [RateLimited].
func (c *Client) SendVerificationEmail(ctx context.Context, email string) error {
	if err := requireUTF8(parameter{"email", email}); err != nil {
		return err
	}
	_, err := repeat(ctx, c, "SendVerificationEmail", func(ctx context.Context) (struct{}, error) {
		visitor := visitorOn(ctx)
		_, err := c.accounts.SendVerificationEmail(ctx, &authflowv1.SendVerificationEmailRequest{
			Email:     email,
			ClientIp:  visitor.ClientIP,
			UserAgent: visitor.UserAgent,
		})
		return struct{}{}, err
	})
	return err
}

// VerifyEmail takes the token of a mail: it proves the address, or moves the user to the one that [Client.ChangeEmail]
// was told, which ends all sessions. After a lost reply it is repeated: a change of address that was done by then is
// [TokenInvalid].
//
// Reasons: [InvalidArgument], [TokenInvalid], [TokenExpired], [UserExists].
func (c *Client) VerifyEmail(ctx context.Context, token string) (VerifiedEmail, error) {
	if err := requireUTF8(parameter{"token", token}); err != nil {
		return VerifiedEmail{}, err
	}
	return repeat(ctx, c, "VerifyEmail", func(ctx context.Context) (VerifiedEmail, error) {
		visitor := visitorOn(ctx)
		reply, err := c.accounts.VerifyEmail(ctx, &authflowv1.VerifyEmailRequest{
			Token:     token,
			ClientIp:  visitor.ClientIP,
			UserAgent: visitor.UserAgent,
		})
		return VerifiedEmail{Email: reply.GetEmail(), UserID: reply.GetUserId(), OrgID: reply.GetOrgId()}, err
	})
}

// ForgotPassword mails a link that sets a new password; it never tells whether there is such a user. It is repeated
// freely.
//
// Reasons: [InvalidArgument], [APIKeyInvalid], [RateLimited].
func (c *Client) ForgotPassword(ctx context.Context, email string) error {
	if err := requireUTF8(parameter{"email", email}); err != nil {
		return err
	}
	_, err := repeat(ctx, c, "ForgotPassword", func(ctx context.Context) (struct{}, error) {
		visitor := visitorOn(ctx)
		_, err := c.accounts.ForgotPassword(ctx, &authflowv1.ForgotPasswordRequest{
			Email:     email,
			ClientIp:  visitor.ClientIP,
			UserAgent: visitor.UserAgent,
		})
		return struct{}{}, err
	})
	return err
}

// ResetPassword sets a new password by the token of a mail, and ends all sessions of the user. It also takes a challenge
// whose method is [MethodChangePassword], with the present password, which is empty with the token of a mail. After a lost
// reply it is not repeated, because the token may be spent: the caller finds out by logging in.
//
// Reasons: [InvalidArgument], [PasswordPolicy], [TokenInvalid], [TokenExpired], [ChallengeInvalid], [CredentialsInvalid],
// [Overloaded].
func (c *Client) ResetPassword(ctx context.Context, token, newPassword, currentPassword string) (PasswordReset, error) {
	if err := requireUTF8(
		parameter{"token", token},
		parameter{"newPassword", newPassword},
		parameter{"currentPassword", currentPassword},
	); err != nil {
		return PasswordReset{}, err
	}
	return repeat(ctx, c, "ResetPassword", func(ctx context.Context) (PasswordReset, error) {
		visitor := visitorOn(ctx)
		reply, err := c.accounts.ResetPassword(ctx, &authflowv1.ResetPasswordRequest{
			Token:           token,
			NewPassword:     newPassword,
			CurrentPassword: currentPassword,
			ClientIp:        visitor.ClientIP,
			UserAgent:       visitor.UserAgent,
		})
		return PasswordReset{
			Email:         reply.GetEmail(),
			OrgID:         reply.GetOrgId(),
			EndedSessions: reply.GetEndedSessions(),
		}, once(err)
	})
}

// RenewSession makes a live session last as long as a new one, and gives a new token of it; older ones stay good until
// their own end. An empty e-mail is read from the token, as in [Client.Validate]. It is repeated freely.
//
// Reasons: [InvalidArgument], [APIKeyInvalid], [SessionInvalid], [SessionExpired], [SessionRevoked].
func (c *Client) RenewSession(ctx context.Context, sessionToken, email string) (Session, error) {
	email, err := sessionEmail(sessionToken, email)
	if err != nil {
		return Session{}, err
	}
	return repeat(ctx, c, "RenewSession", func(ctx context.Context) (Session, error) {
		visitor := visitorOn(ctx)
		reply, err := c.accounts.RenewSession(ctx, &authflowv1.RenewSessionRequest{
			SessionToken: sessionToken,
			Email:        email,
			ClientIp:     visitor.ClientIP,
			UserAgent:    visitor.UserAgent,
		})
		return sessionOf(reply), err
	})
}

// ListMySessions lists the live sessions of the session's user, newest first. An empty e-mail is read from the token, as
// in [Client.Validate]. It is repeated freely.
//
// Reasons: [InvalidArgument], [APIKeyInvalid], [SessionInvalid], [SessionExpired], [SessionRevoked].
func (c *Client) ListMySessions(ctx context.Context, sessionToken, email string) ([]MySession, error) {
	email, err := sessionEmail(sessionToken, email)
	if err != nil {
		return nil, err
	}
	return repeat(ctx, c, "ListMySessions", func(ctx context.Context) ([]MySession, error) {
		visitor := visitorOn(ctx)
		reply, err := c.accounts.ListMySessions(ctx, &authflowv1.ListMySessionsRequest{
			SessionToken: sessionToken,
			Email:        email,
			ClientIp:     visitor.ClientIP,
			UserAgent:    visitor.UserAgent,
		})
		return mySessionsOf(reply.GetSessions()), err
	})
}

// EndMySessions ends one session of the session's user, or all but the one that asks where sessionID is empty, and tells
// how many it ended; ending one again is a success. An empty e-mail is read from the token, as in [Client.Validate]. It
// is repeated freely: what a lost reply counted is not counted again.
//
// Reasons: [InvalidArgument], [APIKeyInvalid], [SessionInvalid], [SessionExpired], [SessionRevoked].
func (c *Client) EndMySessions(ctx context.Context, sessionToken, email, sessionID string) (endedSessions uint32, err error) {
	if email, err = sessionEmail(sessionToken, email); err != nil {
		return 0, err
	}
	if err := requireUTF8(parameter{"session_id", sessionID}); err != nil {
		return 0, err
	}
	return repeat(ctx, c, "EndMySessions", func(ctx context.Context) (uint32, error) {
		visitor := visitorOn(ctx)
		reply, err := c.accounts.EndMySessions(ctx, &authflowv1.EndMySessionsRequest{
			SessionToken: sessionToken,
			Email:        email,
			SessionId:    sessionID,
			ClientIp:     visitor.ClientIP,
			UserAgent:    visitor.UserAgent,
		})
		return reply.GetEndedSessions(), err
	})
}

// UpdateProfile changes the name of the session's user. An empty e-mail is read from the token, as in [Client.Validate].
// It is repeated freely.
//
// Reasons: [InvalidArgument], [APIKeyInvalid], [SessionInvalid], [SessionExpired], [SessionRevoked].
func (c *Client) UpdateProfile(ctx context.Context, sessionToken, email, fullName string) (Account, error) {
	email, err := sessionEmail(sessionToken, email)
	if err != nil {
		return Account{}, err
	}
	if err := requireUTF8(parameter{"fullname", fullName}); err != nil {
		return Account{}, err
	}
	return repeat(ctx, c, "UpdateProfile", func(ctx context.Context) (Account, error) {
		visitor := visitorOn(ctx)
		reply, err := c.accounts.UpdateProfile(ctx, &authflowv1.UpdateProfileRequest{
			SessionToken: sessionToken,
			Email:        email,
			Fullname:     fullName,
			ClientIp:     visitor.ClientIP,
			UserAgent:    visitor.UserAgent,
		})
		return accountOf(reply), err
	})
}

// ChangeEmail mails a link to a new address that moves the user there, and a warning to the present one. It is repeated
// freely, but not after a lost reply where it came with a code, which may be spent.
//
// Reasons: [InvalidArgument], [APIKeyInvalid], [SessionInvalid], [SessionExpired], [SessionRevoked],
// [CredentialsInvalid], [ReauthenticationRequired], [CodeInvalid], [AccountLocked], [RateLimited], [Overloaded].
func (c *Client) ChangeEmail(ctx context.Context, change EmailChange) error {
	email, err := sessionEmail(change.SessionToken, change.Email)
	if err != nil {
		return err
	}
	if err := requireUTF8(
		parameter{"newEmail", change.NewEmail},
		parameter{"currentPassword", change.CurrentPassword},
		parameter{"code", change.Code},
	); err != nil {
		return err
	}
	_, err = repeat(ctx, c, "ChangeEmail", func(ctx context.Context) (struct{}, error) {
		visitor := visitorOn(ctx)
		_, err := c.accounts.ChangeEmail(ctx, &authflowv1.ChangeEmailRequest{
			SessionToken:    change.SessionToken,
			Email:           email,
			NewEmail:        change.NewEmail,
			CurrentPassword: change.CurrentPassword,
			Code:            change.Code,
			ClientIp:        visitor.ClientIP,
			UserAgent:       visitor.UserAgent,
		})
		if change.Code != "" {
			err = once(err)
		}
		return struct{}{}, err
	})
	return err
}

// DeleteAccount removes the session's user and tells how many live sessions that ended. After a lost reply it is not
// repeated: the caller finds out by logging in.
//
// Reasons: [InvalidArgument], [APIKeyInvalid], [SessionInvalid], [SessionExpired], [SessionRevoked],
// [CredentialsInvalid], [ReauthenticationRequired], [CodeInvalid], [AccountLocked], [Overloaded].
func (c *Client) DeleteAccount(ctx context.Context, deletion AccountDeletion) (endedSessions uint32, err error) {
	email, err := sessionEmail(deletion.SessionToken, deletion.Email)
	if err != nil {
		return 0, err
	}
	if err := requireUTF8(
		parameter{"currentPassword", deletion.CurrentPassword},
		parameter{"code", deletion.Code},
	); err != nil {
		return 0, err
	}
	return repeat(ctx, c, "DeleteAccount", func(ctx context.Context) (uint32, error) {
		visitor := visitorOn(ctx)
		reply, err := c.accounts.DeleteAccount(ctx, &authflowv1.DeleteAccountRequest{
			SessionToken:    deletion.SessionToken,
			Email:           email,
			CurrentPassword: deletion.CurrentPassword,
			Code:            deletion.Code,
			ClientIp:        visitor.ClientIP,
			UserAgent:       visitor.UserAgent,
		})
		return reply.GetEndedSessions(), once(err)
	})
}

// sessionEmail is the e-mail that was given or that the token names, where both can be sent.
func sessionEmail(sessionToken, email string) (string, error) {
	email, err := emailOr(email, sessionToken)
	if err != nil {
		return "", err
	}
	return email, requireUTF8(parameter{"sessionToken", sessionToken}, parameter{"email", email})
}
