package authflowfake

import (
	"go.authflow.dev/authflow"
	"google.golang.org/grpc/codes"
)

var refusals = map[authflow.Reason]struct {
	code    codes.Code
	message string
}{
	authflow.InvalidArgument:    {codes.InvalidArgument, "Some parameters are missing or malformed."},
	authflow.PasswordPolicy:     {codes.InvalidArgument, "The new password does not meet the password policy."},
	authflow.DisclaimerRequired: {codes.InvalidArgument, "The disclaimer must be accepted: send disclaimed as \"true\"."},
	authflow.UserExists:         {codes.AlreadyExists, "This e-mail is already signed up in the organization."},
	authflow.UserNotFound:       {codes.NotFound, "There is no such user in this organization."},
	authflow.CredentialsInvalid: {codes.Unauthenticated, "The password is wrong."},
	authflow.SessionInvalid:     {codes.Unauthenticated, "The session token is not valid."},
	authflow.SessionExpired:     {codes.Unauthenticated, "The session has expired."},
	authflow.SessionRevoked:     {codes.Unauthenticated, "The session has ended."},
	authflow.TokenInvalid:       {codes.Unauthenticated, "The token is not valid."},
	authflow.TokenExpired:       {codes.Unauthenticated, "The token is too old."},

	authflow.UserDisabled:             {codes.PermissionDenied, "The user is disabled."},
	authflow.EmailNotVerified:         {codes.PermissionDenied, "The e-mail must be verified before a login."},
	authflow.SecondFactorRequired:     {codes.Unauthenticated, "The login needs a second factor."},
	authflow.PasswordChangeRequired:   {codes.PermissionDenied, "The password must be changed before a login."},
	authflow.ReauthenticationRequired: {codes.PermissionDenied, "The present password is needed, or a new login; and a code of the second factor."},
	authflow.AccessDenied:             {codes.PermissionDenied, "The organization takes no logins by mail."},
	authflow.AccountLocked:            {codes.ResourceExhausted, "Too many wrong codes."},
	authflow.ChallengeInvalid:         {codes.Unauthenticated, "The challenge is not valid."},
	authflow.CodeInvalid:              {codes.Unauthenticated, "The code is wrong."},

	authflow.SecondFactorAlreadyEnabled: {codes.AlreadyExists, "The user has a second factor."},
	authflow.SecondFactorNotEnabled:     {codes.FailedPrecondition, "There is no second factor to act on."},
}

func refusal(reason authflow.Reason) *authflow.Error {
	told := refusals[reason]
	return &authflow.Error{Reason: reason, Code: told.code, Message: told.message}
}
