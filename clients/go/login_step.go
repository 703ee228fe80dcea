package authflow

import (
	"context"
	"errors"

	authflowv1 "go.authflow.dev/gen/authflow/v1"
)

// LoginStep is where a step of a login has led: a [Session], or a [Challenge] where more is needed. Tell them apart by a
// type switch.
type LoginStep interface{ isLoginStep() }

func (Session) isLoginStep() {}

func (Challenge) isLoginStep() {}

// LoginStep logs in as [Client.Login] does, for logins that may need more than a password: what [Client.Login] refuses with
// [SecondFactorRequired] or [PasswordChangeRequired] is a [Challenge] here, and no error.
//
// Reasons: [InvalidArgument], [APIKeyInvalid], [Overloaded], [RateLimited], [AccountLocked], [UserNotFound],
// [CredentialsInvalid], [UserDisabled], [EmailNotVerified].
func (c *Client) LoginStep(ctx context.Context, email, password string) (LoginStep, error) {
	return NewLoginStep(c.Login(ctx, email, password))
}

// SendLoginCode mails a code that logs in without a password, where the organization takes such logins, and gives the
// challenge that [Client.VerifyEmailCode] takes with it; it never tells whether there is such a user. After a lost reply it
// is not repeated: a second mail would make the code of the first void.
//
// Reasons: [InvalidArgument], [APIKeyInvalid], [AccessDenied], [RateLimited].
func (c *Client) SendLoginCode(ctx context.Context, email string) (Challenge, error) {
	if err := requireUTF8(parameter{"email", email}); err != nil {
		return Challenge{}, err
	}
	return repeat(ctx, c, "SendLoginCode", func(ctx context.Context) (Challenge, error) {
		visitor := visitorOn(ctx)
		reply, err := c.accounts.SendLoginCode(ctx, &authflowv1.SendLoginCodeRequest{
			Email:     email,
			ClientIp:  visitor.ClientIP,
			UserAgent: visitor.UserAgent,
		})
		return NewChallenge("", reply.GetChallenge(), []ChallengeMethod{MethodEmail}, reply.GetExpiresAt().AsTime()), once(err)
	})
}

// NewLoginStep reads what a login gave, for an [Authenticator] of your own: a refusal with a challenge is a step, too.
func NewLoginStep(session Session, err error) (LoginStep, error) {
	var failure *Error
	switch {
	case err == nil:
		return session, nil
	case errors.As(err, &failure) && failure.Challenge != nil:
		return *failure.Challenge, nil
	default:
		return nil, err
	}
}
