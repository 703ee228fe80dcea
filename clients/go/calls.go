package client

import (
	"context"

	authflowv1 "go.authflow.dev/gen/authflow/v1"
)

// FooBar fetches a nonce for an e-mail, for callers that sign up or log in by the stub. It never tells whether the user
// exists. Reasons: [InvalidArgument], [APIKeyInvalid]. It is repeated freely.
func (c *Client) FooBar(ctx context.Context, email string) (Nonce, error) {
	return repeat(ctx, c, func(ctx context.Context) (Nonce, error) {
		reply, err := c.stub.FooBar(ctx, &authflowv1.FooBarRequest{Identity: email})
		return Nonce{Token: reply.GetToken(), ExpiresAt: reply.GetExpiresAt().AsTime()}, err
	})
}

// NewUser is who [Client.SignUp] signs up.
type NewUser struct {
	// Email is at most 254 bytes, and unique within the organization once normalized.
	Email string
	// Password has 8 to 32 code points, among them an upper-case and a lower-case letter, a digit and a special character.
	Password string
	// FullName has 1 to 200 code points.
	FullName string
	// Disclaimed tells that the user has accepted your terms. It must be true.
	Disclaimed bool
}

// SignUp makes a user. After a lost reply it is not repeated, because the user may have been made: the error goes to
// the caller, who finds out by logging in.
//
// Reasons: [InvalidArgument], [PasswordPolicy], [DisclaimerRequired], [APIKeyInvalid], [Overloaded], [UserExists].
func (c *Client) SignUp(ctx context.Context, user NewUser) (User, error) {
	return repeat(ctx, c, func(ctx context.Context) (User, error) {
		nonce, err := c.nonce(ctx, user.Email)
		if err != nil {
			return User{}, err
		}
		reply, err := c.stub.SignUp(ctx, &authflowv1.SignUpRequest{
			Foobar:     nonce,
			Email:      user.Email,
			Password:   user.Password,
			Fullname:   user.FullName,
			Disclaimed: user.Disclaimed,
		})
		return userOf(reply), once(err)
	})
}

// Login checks a password and opens a session. After a lost reply it is repeated with a new nonce; the session of the
// lost one expires by itself.
//
// Reasons: [InvalidArgument], [APIKeyInvalid], [Overloaded], [AccountLocked], [UserNotFound], [CredentialsInvalid],
// [UserDisabled].
func (c *Client) Login(ctx context.Context, email, password string) (Session, error) {
	return repeat(ctx, c, func(ctx context.Context) (Session, error) {
		nonce, err := c.nonce(ctx, email)
		if err != nil {
			return Session{}, err
		}
		reply, err := c.stub.Login(ctx, &authflowv1.LoginRequest{Foobar: nonce, Email: email, Password: password})
		return Session{
			User:      userOf(reply),
			Token:     reply.GetToken(),
			ExpiresAt: reply.GetExpiresAt().AsTime(),
		}, err
	})
}

// Validate tells whose live session a token is; the session must belong to the e-mail. It asks the server every time,
// so a session that was ended a moment ago is refused. It is repeated freely.
//
// Reasons: [InvalidArgument], [APIKeyInvalid], [SessionInvalid], [SessionExpired], [SessionRevoked].
func (c *Client) Validate(ctx context.Context, sessionToken, email string) (SessionUser, error) {
	return repeat(ctx, c, func(ctx context.Context) (SessionUser, error) {
		reply, err := c.stub.Validate(ctx, &authflowv1.ValidateRequest{SessionToken: sessionToken, Email: email})
		return SessionUser{
			User:      userOf(reply),
			SessionID: reply.GetSessionId(),
			ExpiresAt: reply.GetExpiresAt().AsTime(),
		}, err
	})
}

// PasswordChange is what [Client.ChangePassword] changes.
type PasswordChange struct {
	SessionToken string
	// Email is the one that the session must belong to.
	Email       string
	NewPassword string
	// CurrentPassword must be right where it is given; a server of the profile "strict" demands it.
	CurrentPassword string
}

// ChangePassword sets a new password for the session's user, ends all other sessions of the user and tells how many
// those were. After a lost reply it is not repeated: the caller finds out by logging in.
//
// Reasons: [InvalidArgument], [PasswordPolicy], [APIKeyInvalid], [SessionInvalid], [SessionExpired], [SessionRevoked],
// [Overloaded], [CredentialsInvalid].
func (c *Client) ChangePassword(ctx context.Context, change PasswordChange) (endedSessions uint32, err error) {
	return repeat(ctx, c, func(ctx context.Context) (uint32, error) {
		reply, err := c.stub.ChangePassword(ctx, &authflowv1.ChangePasswordRequest{
			SessionToken:    change.SessionToken,
			Email:           change.Email,
			NewPassword:     change.NewPassword,
			CurrentPassword: change.CurrentPassword,
		})
		return reply.GetEndedSessions(), once(err)
	})
}

// Logout ends a session; ending one again, or one that has expired, is a success. It is repeated freely.
//
// Reasons: [InvalidArgument], [APIKeyInvalid], [SessionInvalid].
func (c *Client) Logout(ctx context.Context, sessionToken, email string) error {
	_, err := repeat(ctx, c, func(ctx context.Context) (struct{}, error) {
		_, err := c.stub.Logout(ctx, &authflowv1.LogoutRequest{SessionToken: sessionToken, Email: email})
		return struct{}{}, err
	})
	return err
}

func (c *Client) nonce(ctx context.Context, email string) (string, error) {
	reply, err := c.stub.FooBar(ctx, &authflowv1.FooBarRequest{Identity: email})
	return reply.GetToken(), err
}

func userOf(reply interface {
	GetUserId() string
	GetEmail() string
	GetFullname() string
	GetOrgId() string
}) User {
	return User{
		UserID:   reply.GetUserId(),
		Email:    reply.GetEmail(),
		FullName: reply.GetFullname(),
		OrgID:    reply.GetOrgId(),
	}
}
