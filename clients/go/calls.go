package authflow

import (
	"context"

	"go.authflow.dev/authflow/internal/sessiontoken"
	authflowv1 "go.authflow.dev/gen/authflow/v1"
	"google.golang.org/grpc/codes"
)

// FooBar fetches a nonce for an e-mail, for callers that sign up or log in by the stub. It never tells whether the user
// exists. Reasons: [InvalidArgument], [APIKeyInvalid]. It is repeated freely.
func (c *Client) FooBar(ctx context.Context, email string) (Nonce, error) {
	if err := requireUTF8(parameter{"identity", email}); err != nil {
		return Nonce{}, err
	}
	return repeat(ctx, c, "FooBar", func(ctx context.Context) (Nonce, error) {
		reply, err := c.fooBar(ctx, email)
		return NewNonce(reply.GetToken(), reply.GetExpiresAt().AsTime()), err
	})
}

// SignUp makes a user. After a lost reply it is not repeated, because the user may have been made: the error goes to
// the caller, who finds out by logging in.
//
// Reasons: [InvalidArgument], [PasswordPolicy], [DisclaimerRequired], [APIKeyInvalid], [Overloaded], [UserExists].
func (c *Client) SignUp(ctx context.Context, user NewUser) (User, error) {
	if err := requireUTF8(
		parameter{"email", user.Email},
		parameter{"password", user.Password},
		parameter{"fullname", user.FullName},
	); err != nil {
		return User{}, err
	}
	return repeat(ctx, c, "SignUp", func(ctx context.Context) (User, error) {
		nonce, err := c.nonce(ctx, user.Email)
		if err != nil {
			return User{}, err
		}
		visitor := visitorOn(ctx)
		reply, err := c.stub.SignUp(ctx, &authflowv1.SignUpRequest{
			Foobar:     nonce,
			Email:      user.Email,
			Password:   user.Password,
			Fullname:   user.FullName,
			Disclaimed: user.Disclaimed,
			ClientIp:   visitor.ClientIP,
			UserAgent:  visitor.UserAgent,
		})
		return userOf(reply), once(err)
	})
}

// Login checks a password and opens a session. After a lost reply it is repeated with a new nonce; the session of the
// lost one expires by itself. Which session the device had before is told by [ContextWithPreviousSession].
//
// Reasons: [InvalidArgument], [APIKeyInvalid], [Overloaded], [AccountLocked], [UserNotFound], [CredentialsInvalid],
// [UserDisabled], [EmailNotVerified]; and [SecondFactorRequired] and [PasswordChangeRequired], with a challenge: where your
// users may meet these, call [Client.LoginStep].
func (c *Client) Login(ctx context.Context, email, password string) (Session, error) {
	if err := requireUTF8(parameter{"email", email}, parameter{"password", password}); err != nil {
		return Session{}, err
	}
	return repeat(ctx, c, "Login", func(ctx context.Context) (Session, error) {
		nonce, err := c.nonce(ctx, email)
		if err != nil {
			return Session{}, err
		}
		visitor := visitorOn(ctx)
		reply, err := c.stub.Login(ctx, &authflowv1.LoginRequest{
			Foobar:       nonce,
			Email:        email,
			Password:     password,
			ClientIp:     visitor.ClientIP,
			UserAgent:    visitor.UserAgent,
			SessionToken: previousSessionOn(ctx),
		})
		return sessionOf(reply), err
	})
}

// Validate tells whose live session a token is; the session must belong to the e-mail. An empty e-mail is read from the
// token, and [SessionInvalid] without a call where it names none. It asks the server every time, so a session that was
// ended a moment ago is refused. It is repeated freely.
//
// Reasons: [InvalidArgument], [APIKeyInvalid], [SessionInvalid], [SessionExpired], [SessionRevoked].
func (c *Client) Validate(ctx context.Context, sessionToken, email string) (SessionUser, error) {
	email, err := emailOr(email, sessionToken)
	if err != nil {
		return SessionUser{}, err
	}
	if err := requireUTF8(parameter{"sessionToken", sessionToken}, parameter{"email", email}); err != nil {
		return SessionUser{}, err
	}
	return repeat(ctx, c, "Validate", func(ctx context.Context) (SessionUser, error) {
		visitor := visitorOn(ctx)
		reply, err := c.stub.Validate(ctx, &authflowv1.ValidateRequest{
			SessionToken: sessionToken,
			Email:        email,
			ClientIp:     visitor.ClientIP,
			UserAgent:    visitor.UserAgent,
		})
		return sessionUserOf(reply), err
	})
}

// ChangePassword sets a new password for the session's user, ends all other sessions of the user and tells how many
// those were. After a lost reply it is not repeated: the caller finds out by logging in.
//
// Reasons: [InvalidArgument], [PasswordPolicy], [APIKeyInvalid], [SessionInvalid], [SessionExpired], [SessionRevoked],
// [Overloaded], [AccountLocked], [CredentialsInvalid], [ReauthenticationRequired], [CodeInvalid].
func (c *Client) ChangePassword(ctx context.Context, change PasswordChange) (endedSessions uint32, err error) {
	email, err := emailOr(change.Email, change.SessionToken)
	if err != nil {
		return 0, err
	}
	if err := requireUTF8(
		parameter{"sessionToken", change.SessionToken},
		parameter{"email", email},
		parameter{"newPassword", change.NewPassword},
		parameter{"currentPassword", change.CurrentPassword},
		parameter{"code", change.Code},
	); err != nil {
		return 0, err
	}
	return repeat(ctx, c, "ChangePassword", func(ctx context.Context) (uint32, error) {
		visitor := visitorOn(ctx)
		reply, err := c.stub.ChangePassword(ctx, &authflowv1.ChangePasswordRequest{
			SessionToken:    change.SessionToken,
			Email:           email,
			NewPassword:     change.NewPassword,
			CurrentPassword: change.CurrentPassword,
			Code:            change.Code,
			ClientIp:        visitor.ClientIP,
			UserAgent:       visitor.UserAgent,
		})
		return reply.GetEndedSessions(), once(err)
	})
}

// Logout ends a session; ending one again, or one that has expired, is a success. An empty e-mail is read from the
// token, and [SessionInvalid] without a call where it names none. It is repeated freely.
//
// Reasons: [InvalidArgument], [APIKeyInvalid], [SessionInvalid].
func (c *Client) Logout(ctx context.Context, sessionToken, email string) error {
	email, err := emailOr(email, sessionToken)
	if err != nil {
		return err
	}
	if err := requireUTF8(parameter{"sessionToken", sessionToken}, parameter{"email", email}); err != nil {
		return err
	}
	_, err = repeat(ctx, c, "Logout", func(ctx context.Context) (struct{}, error) {
		visitor := visitorOn(ctx)
		_, err := c.stub.Logout(ctx, &authflowv1.LogoutRequest{
			SessionToken: sessionToken,
			Email:        email,
			ClientIp:     visitor.ClientIP,
			UserAgent:    visitor.UserAgent,
		})
		return struct{}{}, err
	})
	return err
}

// noNonce stands for the nonce where FooBar has refused the e-mail: the call is then refused for its own faults, all of
// them together and by their own names.
const noNonce = "-"

func (c *Client) nonce(ctx context.Context, email string) (string, error) {
	reply, err := c.fooBar(ctx, email)
	if err != nil && errorOf(err).Reason == InvalidArgument {
		return noNonce, nil
	}
	return reply.GetToken(), err
}

func (c *Client) fooBar(ctx context.Context, email string) (*authflowv1.FooBarResponse, error) {
	visitor := visitorOn(ctx)
	return c.stub.FooBar(ctx, &authflowv1.FooBarRequest{
		Identity:  email,
		ClientIp:  visitor.ClientIP,
		UserAgent: visitor.UserAgent,
	})
}

func emailOr(email, sessionToken string) (string, error) {
	if email != "" {
		return email, nil
	}
	email, ok := sessiontoken.Email(sessionToken)
	if !ok {
		return "", &Error{Reason: SessionInvalid, Code: codes.Unauthenticated, Message: "The session token is not valid."}
	}
	return email, nil
}
