package authflow_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/authflowfake"
	authflowv1 "go.authflow.dev/gen/authflow/v1"
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

	// Beside the client: the roles that the user of an e-mail has from now on, or the kind, address and age of a mail.
	Roles      []string `json:"roles"`
	Email      string   `json:"email"`
	Mail       string   `json:"mail"`
	To         string   `json:"to"`
	AgeSeconds int      `json:"age_seconds"`
}

type fakeCase struct {
	Name  string     `json:"name"`
	Steps []fakeStep `json:"steps"`
}

func fakeCases(t *testing.T, file string) []fakeCase {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(standVariable(t, "AUTHFLOW_TEST_VECTORS"), file))
	fatalIf(t, err)
	var vectors struct {
		Cases []fakeCase `json:"cases"`
	}
	decodeJSON(t, text, &vectors)
	if len(vectors.Cases) == 0 {
		t.Fatal("the list of cases is empty")
	}
	return vectors.Cases
}

// The fake does what a server does: both run the shared cases.
func TestTheFakeDoesWhatAServerDoes(t *testing.T) {
	cases := append(fakeCases(t, "fake-behaviour.json"), fakeCases(t, "fake-account-behaviour.json")...)
	for _, c := range cases {
		c := c
		t.Run(c.Name, func(t *testing.T) {
			t.Run("the fake", func(t *testing.T) {
				fake := authflowfake.New()
				takeSteps(t, fake, stepsBesideFake{fake}, c.Steps)
			})
			t.Run("a server", func(t *testing.T) {
				org := newOrganization(t, "AUTHFLOW_TEST_GRPC")
				takeSteps(t, org, stepsBesideServer{org}, c.Steps)
			})
		})
	}
}

func takeSteps(t *testing.T, auth authflow.Authenticator, beside stepsBeside, steps []fakeStep) {
	saved := map[string]string{}
	for number, step := range steps {
		switch {
		case step.Mail != "":
			saved[step.Save] = beside.mailed(t, step)
			secrets.add(saved[step.Save])
			continue
		case step.Call == "":
			beside.giveRoles(t, step.Email, step.Roles)
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
		if token, ok := result["token"].(string); ok && step.Save != "" {
			saved[step.Save] = token
			secrets.add(token)
		} else if step.Save != "" {
			saved[step.Save] = result["session_id"].(string)
		}
	}
}

// stepsBeside are those that are not a client's: a backend gives roles, a user reads mail.
type stepsBeside interface {
	giveRoles(t *testing.T, email string, roles []string)
	mailed(t *testing.T, step fakeStep) (token string)
}

type stepsBesideFake struct{ *authflowfake.Fake }

func (f stepsBesideFake) giveRoles(t *testing.T, email string, roles []string) {
	fatalIf(t, f.SetRoles(email, roles...))
}

func (f stepsBesideFake) mailed(_ *testing.T, step fakeStep) (token string) {
	for _, mail := range f.Mails() {
		if string(mail.Kind) == step.Mail && mail.To == step.To {
			token = mail.Token
		}
	}
	f.Advance(time.Duration(step.AgeSeconds) * time.Second)
	return token
}

type stepsBesideServer struct{ organization }

func (o stepsBesideServer) giveRoles(t *testing.T, email string, roles []string) {
	ctx, users := adminContext(t), authflowv1.NewUserServiceClient(o.Conn())
	found, err := users.ListUsers(ctx, &authflowv1.ListUsersRequest{OrgId: o.id, Search: email})
	fatalIf(t, err)
	_, err = users.UpdateUser(ctx, &authflowv1.UpdateUserRequest{
		OrgId: o.id, UserId: found.GetUsers()[0].GetUserId(), UpdateMask: []string{"roles"}, Roles: roles,
	})
	fatalIf(t, err)
}

func (o stepsBesideServer) mailed(t *testing.T, step fakeStep) (token string) {
	asked := url.Values{
		"org_id": {o.id}, "kind": {step.Mail}, "email": {step.Email}, "to": {step.To},
		"age_seconds": {strconv.Itoa(step.AgeSeconds)},
	}
	var answer struct {
		Token string `json:"token"`
	}
	decodeJSON(t, control(t, http.MethodPost, "/mail-tokens?"+asked.Encode()), &answer)
	return answer.Token
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

func TestAServerRefusesTheFakesTokens(t *testing.T) {
	_, session := fakeSession(t)
	org := newOrganization(t, "AUTHFLOW_TEST_GRPC")
	expectRefusal(t, guardedSite(t, org), "Bearer "+session.Token(), 401, authflow.SessionInvalid)
}
