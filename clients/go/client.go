package authflow

import (
	"context"
	"fmt"
	"net/url"
	"sync/atomic"
	"time"

	authflowv1 "go.authflow.dev/gen/authflow/v1"
	"google.golang.org/grpc"
)

// Authenticator is all calls: [*Client] makes them, and so does the fake of package authflowfake. Take it where
// your tests shall do without a server.
type Authenticator interface {
	Validator
	Accounts
	SecondFactors
	FooBar(ctx context.Context, email string) (Nonce, error)
	SignUp(ctx context.Context, user NewUser) (User, error)
	Login(ctx context.Context, email, password string) (Session, error)
	LoginStep(ctx context.Context, email, password string) (LoginStep, error)
	ChangePassword(ctx context.Context, change PasswordChange) (endedSessions uint32, err error)
	Logout(ctx context.Context, sessionToken, email string) error
}

// Accounts is what users do with their own accounts, through your backend.
type Accounts interface {
	Me(ctx context.Context, sessionToken, email string) (Account, error)
	SendVerificationEmail(ctx context.Context, email string) error
	VerifyEmail(ctx context.Context, token string) (VerifiedEmail, error)
	ForgotPassword(ctx context.Context, email string) error
	ResetPassword(ctx context.Context, token, newPassword, currentPassword string) (PasswordReset, error)
	RenewSession(ctx context.Context, sessionToken, email string) (Session, error)
	ListMySessions(ctx context.Context, sessionToken, email string) ([]MySession, error)
	EndMySessions(ctx context.Context, sessionToken, email, sessionID string) (endedSessions uint32, err error)
	UpdateProfile(ctx context.Context, sessionToken, email, fullName string) (Account, error)
	ChangeEmail(ctx context.Context, change EmailChange) error
	DeleteAccount(ctx context.Context, deletion AccountDeletion) (endedSessions uint32, err error)
	SendLoginCode(ctx context.Context, email string) (Challenge, error)
}

// SecondFactors is the second step of a login, and what users do with their second factor.
type SecondFactors interface {
	EnableTOTP(ctx context.Context, setup TOTPSetup) (TOTPSecret, error)
	ConfirmTOTP(ctx context.Context, confirmation TOTPConfirmation) (ConfirmedTOTP, error)
	DisableTOTP(ctx context.Context, proof SecondFactorProof) error
	RegenerateRecoveryCodes(ctx context.Context, proof SecondFactorProof) (RecoveryCodes, error)
	VerifyTOTP(ctx context.Context, challenge, code string) (LoginStep, error)
	SendEmailCode(ctx context.Context, challenge string) (expiresAt time.Time, err error)
	VerifyEmailCode(ctx context.Context, challenge, code string) (LoginStep, error)
	VerifyRecoveryCode(ctx context.Context, challenge, recoveryCode string) (LoginStep, error)
}

// Validator tells whose live session a token is: all that the middleware of authhttp and authgrpc asks of a client. It
// must be safe for concurrent use. A session that is refused is an [*Error] with [SessionInvalid], [SessionExpired] or
// [SessionRevoked]; every other error means that it cannot be checked.
type Validator interface {
	Validate(ctx context.Context, sessionToken, email string) (SessionUser, error)
}

// Client makes the calls for one organization, over one connection that it keeps. It is safe for concurrent use:
// make one and share it. Printed or logged it tells its address and never its key.
type Client struct {
	endpoint endpoint
	secure   bool
	conn     *grpc.ClientConn
	stub     authflowv1.AuthServiceClient
	accounts authflowv1.AccountServiceClient
	factors  authflowv1.SecondFactorServiceClient
	deadline time.Duration
	onRetry  func(context.Context, Retry)
	budget   repeatBudget
	// answered tells whether a server has ever answered over this connection.
	answered atomic.Bool
}

var _ Authenticator = (*Client)(nil)

// New makes a client. Where [WithAddress] and [WithAPIKey] are not given, address and key are those of the environment:
// AUTHFLOW_ADDRESS and AUTHFLOW_API_KEY. It fails where one of them is missing or cannot work, with a sentence that says
// so. The connection is made by the first call; that nobody listens, or that the key is not known, is found then.
//
// The connection is in clear text to a loopback ("localhost", 127.0.0.0/8, ::1) and by TLS to everywhere else, unless the
// address begins with "http://" or "https://", or [WithPlaintext] or [WithTLS] say otherwise.
func New(opts ...Option) (*Client, error) {
	s, err := settingsOf(opts)
	if err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient("dns:///"+url.PathEscape(s.endpoint.String()), s.dialOptions()...)
	if err != nil {
		return nil, fmt.Errorf("authflow: %w", err)
	}
	return &Client{
		endpoint: s.endpoint,
		secure:   s.isSecure(),
		conn:     conn,
		stub:     authflowv1.NewAuthServiceClient(conn),
		accounts: authflowv1.NewAccountServiceClient(conn),
		factors:  authflowv1.NewSecondFactorServiceClient(conn),
		deadline: s.deadline,
		onRetry:  s.onRetry,
	}, nil
}

// Stub is the generated client over the same connection: the key goes along and nothing else is done. [DecodeError]
// reads its errors.
func (c *Client) Stub() authflowv1.AuthServiceClient {
	return c.stub
}

// AccountStub is another generated client, which is as [Client.Stub].
func (c *Client) AccountStub() authflowv1.AccountServiceClient {
	return c.accounts
}

// SecondFactorStub is another generated client, which is as [Client.Stub].
func (c *Client) SecondFactorStub() authflowv1.SecondFactorServiceClient {
	return c.factors
}

// Conn is the connection, for other generated clients. The key goes with the calls of AuthService, AccountService and
// SecondFactorService alone.
func (c *Client) Conn() grpc.ClientConnInterface {
	return c.conn
}

// Close ends the connection; calls in flight fail, later ones too.
func (c *Client) Close() error {
	return c.conn.Close()
}

// String tells the address alone.
func (c *Client) String() string {
	return fmt.Sprintf("authflow client of %s", c.endpoint)
}

// GoString tells the address alone.
func (c *Client) GoString() string {
	return c.String()
}
