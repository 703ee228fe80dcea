package authflow

// NewUser is who [Client.SignUp] signs up. Printed by fmt, logged or serialized as JSON or XML it
// has no password; it can be read from JSON with one.
type NewUser struct {
	// Email is at most 254 bytes, and unique within the organization once normalized.
	Email string `json:"email"`
	// Password has 8 to 32 code points, among them an upper-case and a lower-case letter, a digit and a special character.
	Password string `json:"password" xml:"-"`
	// FullName has 1 to 200 code points.
	FullName string `json:"fullname"`
	// Disclaimed tells that the user has accepted your terms. It must be true.
	Disclaimed bool `json:"disclaimed"`
}

type seenNewUser struct {
	Email      string `json:"email"`
	FullName   string `json:"fullname"`
	Disclaimed bool   `json:"disclaimed"`
}

func (u NewUser) seen() seenNewUser { return seenNewUser{u.Email, u.FullName, u.Disclaimed} }

// PasswordChange is what [Client.ChangePassword] changes. Printed by fmt, logged or serialized as JSON or
// XML it tells the e-mail alone; it can be read from JSON, by the wire's names.
type PasswordChange struct {
	SessionToken string `json:"sessionToken" xml:"-"`
	// Email is the one that the session must belong to; empty, it is read from the token.
	Email       string `json:"email"`
	NewPassword string `json:"newPassword" xml:"-"`
	// CurrentPassword must be right where it is given; a server of the profile "strict" demands it. Of a user with a second
	// factor it is needed where the session's login is older than 15 minutes.
	CurrentPassword string `json:"currentPassword" xml:"-"`
	// Code is of the user's second factor, where there is one: of the authenticator app, or a recovery code.
	Code string `json:"code" xml:"-"`
}

type seenPasswordChange struct {
	Email string `json:"email"`
}

func (c PasswordChange) seen() seenPasswordChange { return seenPasswordChange{c.Email} }

// EmailChange is what [Client.ChangeEmail] changes. Printed by fmt, logged or serialized as JSON or XML it tells the
// e-mails alone; it can be read from JSON, by the wire's names.
type EmailChange struct {
	SessionToken string `json:"sessionToken" xml:"-"`
	// Email is the one that the session must belong to; empty, it is read from the token.
	Email    string `json:"email"`
	NewEmail string `json:"newEmail"`
	// CurrentPassword must be right where it is given. It is needed where the session's login is older than 15 minutes.
	CurrentPassword string `json:"currentPassword" xml:"-"`
	// Code is of the user's second factor, where there is one: of the authenticator app, or a recovery code.
	Code string `json:"code" xml:"-"`
}

type seenEmailChange struct {
	Email    string `json:"email"`
	NewEmail string `json:"newEmail"`
}

func (c EmailChange) seen() seenEmailChange { return seenEmailChange{c.Email, c.NewEmail} }

// AccountDeletion is what [Client.DeleteAccount] removes. Printed by fmt, logged or serialized as JSON or XML it tells
// the e-mail alone; it can be read from JSON, by the wire's names.
type AccountDeletion struct {
	SessionToken string `json:"sessionToken" xml:"-"`
	// Email is the one that the session must belong to; empty, it is read from the token.
	Email string `json:"email"`
	// CurrentPassword must be right where it is given. It is needed where the session's login is older than 15 minutes.
	CurrentPassword string `json:"currentPassword" xml:"-"`
	// Code is of the user's second factor, where there is one: of the authenticator app, or a recovery code.
	Code string `json:"code" xml:"-"`
}

type seenAccountDeletion struct {
	Email string `json:"email"`
}

func (d AccountDeletion) seen() seenAccountDeletion { return seenAccountDeletion{d.Email} }
