package authflowfake

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/internal/sessiontoken"
)

const (
	mostOfEmail    = 254
	mostOfPassword = 1024
	mostOfFullName = 200
	notUTF8        = "must be UTF-8"
)

var emailForm = regexp.MustCompile(
	`^[\pL\pM\p{Nd}.!#$%&'*+/=?^_{|}~` + "`" + `-]+@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$`)

var (
	sixDigits = regexp.MustCompile(`^[0-9]{6}$`)
	// recoveryCodeForm is that of Crockford's base32, in capitals.
	recoveryCodeForm = regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{16}$`)
	// asMeant leaves groups and likely misreadings out.
	asMeant = strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1")
)

// A domain whose last label is a number is an IP address to URL parsers.
var numberAtEnd = regexp.MustCompile(`[.@](?:\d+|0x[0-9a-f]*)$`)

// faults collects what is wrong with the parameters of a call, to tell all of it at once.
type faults struct {
	violations []authflow.Violation
	// unnamed is set where no e-mail was given and the token names none.
	unnamed bool
}

func (f *faults) add(field, message string) {
	f.violations = append(f.violations, authflow.Violation{Field: field, Message: message})
}

func (f *faults) err() error {
	if f.unnamed {
		return refusal(authflow.SessionInvalid)
	}
	if len(f.violations) == 0 {
		return nil
	}
	err := refusal(authflow.InvalidArgument)
	err.Violations = f.violations
	return err
}

func (f *faults) required(field, value string) {
	switch {
	case value == "":
		f.add(field, "is required")
	case !utf8.ValidString(value):
		f.add(field, notUTF8)
	}
}

// email is the normalized e-mail.
func (f *faults) email(field, value string) string {
	email := strings.ToLower(strings.TrimSpace(value))
	switch {
	case value == "":
		f.add(field, "is required")
	case !utf8.ValidString(value):
		f.add(field, notUTF8)
	case len(email) > mostOfEmail || !emailForm.MatchString(email) || numberAtEnd.MatchString(email):
		f.add(field, "must be an e-mail address of at most 254 bytes")
	}
	return email
}

func (f *faults) password(field, value string) {
	switch {
	case value == "":
		f.add(field, "is required")
	case !utf8.ValidString(value):
		f.add(field, notUTF8)
	case len(value) > mostOfPassword:
		f.add(field, "must have at most 1,024 bytes")
	}
}

// line is the trimmed text.
func (f *faults) line(field, value string) string {
	line := strings.TrimSpace(value)
	switch {
	case line == "":
		f.add(field, "is required")
	case !utf8.ValidString(value):
		f.add(field, notUTF8)
	case strings.ContainsFunc(line, unicode.IsControl):
		f.add(field, "must not hold control characters")
	case utf8.RuneCountInString(line) > mostOfFullName:
		f.add(field, "must have at most 200 characters")
	}
	return line
}

// digits is the code of an authenticator app or a mail, without spaces.
func (f *faults) digits(field, value string) string {
	code := strings.ReplaceAll(value, " ", "")
	f.form(field, value, sixDigits.MatchString(code), "must be six digits")
	return code
}

// recoveryCode is one in its plain form.
func (f *faults) recoveryCode(field, value string) string {
	code := asMeant.Replace(strings.ToUpper(value))
	f.form(field, value, recoveryCodeForm.MatchString(code), "must be a recovery code of 16 letters and digits")
	return code
}

// code is either, in its plain form; "" where none is given.
func (f *faults) code(field, value string) string {
	var none faults
	if digits := none.digits(field, value); value == "" || none.violations == nil {
		return digits
	}
	code := asMeant.Replace(strings.ToUpper(value))
	f.form(field, value, recoveryCodeForm.MatchString(code), "must be six digits, or a recovery code of 16 letters and digits")
	return code
}

// form adds a fault of a value that must be given.
func (f *faults) form(field, value string, isGood bool, message string) {
	switch {
	case value == "":
		f.add(field, "is required")
	case !utf8.ValidString(value):
		f.add(field, notUTF8)
	case !isGood:
		f.add(field, message)
	}
}

// session reads the token's e-mail where none is given, as the client does.
func (f *faults) session(sessionToken, email string) string {
	if email == "" {
		var ok bool
		if email, ok = sessiontoken.Email(sessionToken); !ok {
			f.unnamed = true
		}
	}
	f.required("sessionToken", sessionToken)
	return f.email("email", email)
}

// requirePolicy tells the first rule that a new password breaks.
func requirePolicy(password string) error {
	length := utf8.RuneCountInString(password)
	has := func(is func(rune) bool) bool { return strings.ContainsFunc(password, is) }
	for _, rule := range []struct {
		holds    bool
		sentence string
	}{
		{length >= 8 && length <= 32, "The password must have 8 to 32 characters."},
		{!has(unicode.IsControl), "The password must not hold control characters."},
		{has(unicode.IsUpper), "The password needs an upper-case letter."},
		{has(unicode.IsLower), "The password needs a lower-case letter."},
		{has(unicode.IsDigit), "The password needs a digit."},
		{has(func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }), "The password needs a special character."},
	} {
		if !rule.holds {
			err := refusal(authflow.PasswordPolicy)
			err.Message = rule.sentence
			return err
		}
	}
	return nil
}
