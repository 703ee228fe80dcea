package authflow_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/authflowfake"
	"google.golang.org/grpc/codes"
)

type fakeStep struct {
	Call      string         `json:"call"`
	Arguments map[string]any `json:"arguments"`
	Save      string         `json:"save"`
	Result    map[string]any `json:"result"`
	Error     *struct {
		Code   codes.Code      `json:"code"`
		Reason authflow.Reason `json:"reason"`
		Fields []string        `json:"fields"`
	} `json:"error"`

	// Beside the client: the roles that the user of an e-mail has from now on, or the kind and address of a mail.
	Roles []string `json:"roles"`
	Email string   `json:"email"`
	Mail  string   `json:"mail"`
	To    string   `json:"to"`
}

// The fake does what a server does: both run the shared cases.
func TestTheFakeDoesWhatAServerDoes(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(standVariable(t, "AUTHFLOW_TEST_VECTORS"), "fake-behaviour.json"))
	fatalIf(t, err)
	var vectors struct {
		Cases []struct {
			Name  string     `json:"name"`
			Steps []fakeStep `json:"steps"`
		} `json:"cases"`
	}
	decodeJSON(t, text, &vectors)
	if len(vectors.Cases) == 0 {
		t.Fatal("the list of cases is empty")
	}
	for _, c := range vectors.Cases {
		c := c
		t.Run(c.Name, func(t *testing.T) {
			t.Run("the fake", func(t *testing.T) { takeSteps(t, authflowfake.New(), c.Steps) })
			t.Run("a server", func(t *testing.T) { takeSteps(t, newOrganization(t, "AUTHFLOW_TEST_GRPC"), c.Steps) })
		})
	}
}

func takeSteps(t *testing.T, auth authflow.Authenticator, steps []fakeStep) {
	saved := map[string]string{}
	for number, step := range steps {
		if step.Call == "" {
			takeStepBeside(t, auth.(*authflowfake.Fake), step, saved)
			continue
		}
		where := fmt.Sprintf("step %d, %s", number, step.Call)
		arguments := map[string]any{}
		for name, value := range step.Arguments {
			if text, ok := value.(string); ok && strings.HasPrefix(text, "$") {
				value = saved[text[1:]]
			}
			arguments[name] = value
		}
		result, err := makeCall(auth, scriptedCall{Call: step.Call, Arguments: arguments})
		if step.Error != nil {
			expectFailure(t, where, step, err)
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		for name, value := range step.Result {
			if !holds(result[name], value) {
				t.Errorf("%s: %s is %v, want %v", where, name, result[name], value)
			}
		}
		if step.Save != "" {
			saved[step.Save] = result["token"].(string)
			secrets.add(saved[step.Save])
		}
	}
}

// takeStepBeside does what is not a client's: a backend gives roles, a user reads mail.
func takeStepBeside(t *testing.T, fake *authflowfake.Fake, step fakeStep, saved map[string]string) {
	t.Helper()
	if step.Mail == "" {
		fatalIf(t, fake.SetRoles(step.Email, step.Roles...))
		return
	}
	for _, mail := range fake.Mails() {
		if string(mail.Kind) == step.Mail && mail.To == step.To {
			saved[step.Save] = mail.Token
		}
	}
}

// holds tells whether a value of JSON is another, or has all its fields among others.
func holds(value, wanted any) bool {
	switch wanted := wanted.(type) {
	case map[string]any:
		fields, ok := value.(map[string]any)
		for name, each := range wanted {
			ok = ok && holds(fields[name], each)
		}
		return ok
	case []any:
		list, ok := value.([]any)
		ok = ok && len(list) == len(wanted)
		for at := 0; ok && at < len(wanted); at++ {
			ok = holds(list[at], wanted[at])
		}
		return ok
	default:
		return value == wanted
	}
}

func expectFailure(t *testing.T, where string, step fakeStep, err error) {
	t.Helper()
	var failure *authflow.Error
	if !errors.As(err, &failure) || failure.Code != step.Error.Code || failure.Reason != step.Error.Reason || failure.Message == "" {
		t.Errorf("%s: got %v, want %s", where, err, step.Error.Reason)
		return
	}
	fields := []string{}
	for _, violation := range failure.Violations {
		fields = append(fields, violation.Field)
	}
	sort.Strings(fields)
	sort.Strings(step.Error.Fields)
	if strings.Join(fields, " ") != strings.Join(step.Error.Fields, " ") {
		t.Errorf("%s: the fields are %v, want %v", where, fields, step.Error.Fields)
	}
}

func TestTheFakeKeepsAccountsAsAServerDoes(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(standVariable(t, "AUTHFLOW_TEST_VECTORS"), "fake-account-behaviour.json"))
	fatalIf(t, err)
	var vectors struct {
		Cases []struct {
			Name  string     `json:"name"`
			Steps []fakeStep `json:"steps"`
		} `json:"cases"`
	}
	decodeJSON(t, text, &vectors)
	if len(vectors.Cases) == 0 {
		t.Fatal("the list of cases is empty")
	}
	for _, c := range vectors.Cases {
		c := c
		t.Run(c.Name, func(t *testing.T) { takeSteps(t, authflowfake.New(), c.Steps) })
	}
}

func TestAServerRefusesTheFakesTokens(t *testing.T) {
	_, session := fakeSession(t)
	org := newOrganization(t, "AUTHFLOW_TEST_GRPC")
	expectRefusal(t, guardedSite(t, org), "Bearer "+session.Token(), 401, authflow.SessionInvalid)
}
