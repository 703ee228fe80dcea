package authflowfake

import (
	"strings"
	"time"

	"go.authflow.dev/authflow"
)

const (
	challengeTTL    = 10 * time.Minute
	challengePrefix = "fake.challenge."
	// mostTries are those of a challenge, over all methods.
	mostTries = 5
	// mostChallenges are the live ones of a user; one more takes the place of the oldest.
	mostChallenges = 10
)

// challengeKind is what a challenge asks for.
type challengeKind int

const (
	// asksForCode stands in the place of a password: SendLoginCode gave it.
	asksForCode challengeKind = iota
	asksForSecondFactor
	asksForPassword
)

type loginChallenge struct {
	token string
	kind  challengeKind
	// user is nil where a code was asked for an address of nobody.
	user              *user
	proven            proven
	credentialVersion int
	tries             int
	expiresAt         time.Time
	// code is that of a mail; empty where there is none.
	code          string
	codeExpiresAt time.Time
}

// proven is what a login has behind it.
type proven struct{ password, email bool }

// isChallenge tells a challenge's token from a mail's.
func isChallenge(token string) bool { return strings.HasPrefix(token, challengePrefix) }

// methods are a server's: a mailbox is no second factor beside itself, so whoever came by it is not offered it.
func (c *loginChallenge) methods() []authflow.ChallengeMethod {
	switch {
	case c.kind == asksForCode:
		return []authflow.ChallengeMethod{authflow.MethodEmail}
	case c.kind == asksForPassword:
		return []authflow.ChallengeMethod{authflow.MethodChangePassword}
	case c.user.factor != nil && c.user.verified && c.proven.password && !c.user.withholdsEmail:
		return []authflow.ChallengeMethod{authflow.MethodTOTP, authflow.MethodEmail, authflow.MethodRecovery}
	case c.user.factor != nil:
		return []authflow.ChallengeMethod{authflow.MethodTOTP, authflow.MethodRecovery}
	case c.user.verified && !c.proven.email:
		return []authflow.ChallengeMethod{authflow.MethodEmail, authflow.MethodSetup}
	default:
		return []authflow.ChallengeMethod{authflow.MethodSetup}
	}
}

// takes tells whether a method answers it now: a setup waits for what stands before it.
func (c *loginChallenge) takes(method authflow.ChallengeMethod) bool {
	if method == authflow.MethodSetup {
		return c.methods()[0] == method
	}
	return c.shown("").Takes(method)
}

func (c *loginChallenge) shown(reason authflow.Reason) authflow.Challenge {
	return authflow.NewChallenge(reason, c.token, c.methods(), c.expiresAt)
}

func (f *Fake) newChallenge(kind challengeKind, of *user, have proven) *loginChallenge {
	made := &loginChallenge{
		token: challengePrefix + newID(), kind: kind, user: of, proven: have, expiresAt: f.endAfter(challengeTTL),
	}
	if of != nil {
		made.credentialVersion = of.credentialVersion
	}
	if own := f.challengesOf(of); kind != asksForCode && len(own) >= mostChallenges {
		f.spend(own[0])
	}
	f.challenges = append(f.challenges, made)
	return made
}

// open finds a challenge that takes a method.
func (f *Fake) open(token string, method authflow.ChallengeMethod) (*loginChallenge, error) {
	for _, each := range f.challenges {
		isOpen := each.tries < mostTries && f.now().Before(each.expiresAt)
		// A code that was asked for is good or not, whoever's it is.
		isHeld := each.kind == asksForCode || f.counts(each)
		if each.token == token && isOpen && isHeld && each.takes(method) {
			return each, nil
		}
	}
	return nil, refusal(authflow.ChallengeInvalid)
}

// counts tells whether a challenge is of a user whose credentials are still those that it was made for.
func (f *Fake) counts(c *loginChallenge) bool {
	return c.user != nil && f.users[c.user.Email] == c.user && !c.user.disabled &&
		c.user.credentialVersion == c.credentialVersion
}

// challengesOf a user are the live ones that a login led to, the oldest first.
func (f *Fake) challengesOf(of *user) []*loginChallenge {
	own := []*loginChallenge{}
	for _, each := range f.challenges {
		if each.user == of && each.kind != asksForCode && f.counts(each) && f.now().Before(each.expiresAt) {
			own = append(own, each)
		}
	}
	return own
}

func (f *Fake) spend(spent *loginChallenge) {
	left := []*loginChallenge{}
	for _, each := range f.challenges {
		if each != spent {
			left = append(left, each)
		}
	}
	f.challenges = left
}
