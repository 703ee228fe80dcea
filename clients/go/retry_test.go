package authflow_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"go.authflow.dev/authflow"
	"google.golang.org/grpc/codes"
)

// What the hook is told, and that it cannot break a call.
func TestRepeatsCanBeSeen(t *testing.T) {
	unreachable := closedAddress(t)
	var told []authflow.Retry
	c := newClient(t, unreachable, "af_unreachable", authflow.WithOnRetry(func(_ context.Context, retry authflow.Retry) {
		told = append(told, retry)
		panic("a hook that breaks")
	}))
	_, err := c.Login(context.Background(), "ada@example.com", password)
	expectCode(t, err, codes.Unavailable)
	if len(told) != 2 {
		t.Fatalf("told %+v", told)
	}
	for index, retry := range told {
		whole := 100 * time.Millisecond << index
		if retry.Wait < whole/2 || retry.Wait > whole {
			t.Errorf("the wait is %s", retry.Wait)
		}
		retry.Wait = 0
		if want := (authflow.Retry{Call: "Login", Attempt: index + 1, Code: codes.Unavailable}); !reflect.DeepEqual(retry, want) {
			t.Errorf("told %+v, want %+v", retry, want)
		}
	}
}

func TestARepeatTellsTheServersReason(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(standVariable(t, "AUTHFLOW_TEST_VECTORS"), "client-behaviour.json"))
	fatalIf(t, err)
	var vectors struct {
		APIKey string `json:"apiKey"`
		Cases  []struct {
			Calls  []scriptedCall `json:"calls"`
			Script []struct {
				Reply struct {
					Error struct {
						Reason       authflow.Reason `json:"reason"`
						RetryAfterMs int             `json:"retryAfterMs"`
					} `json:"error"`
				} `json:"reply"`
			} `json:"script"`
		} `json:"cases"`
	}
	decodeJSON(t, text, &vectors)
	for index, c := range vectors.Cases {
		if len(c.Calls) != 1 || len(c.Script) != 2 || c.Script[0].Reply.Error.RetryAfterMs == 0 || c.Calls[0].Error != nil {
			continue
		}
		refused := c.Script[0].Reply.Error
		var server struct{ Grpc string }
		decodeJSON(t, control(t, "POST", fmt.Sprintf("/cases/%d", index)), &server)
		var told []authflow.Retry
		client := newClient(t, server.Grpc, vectors.APIKey, authflow.WithOnRetry(func(_ context.Context, retry authflow.Retry) {
			told = append(told, retry)
		}))
		_, err := makeCall(client, c.Calls[0])
		fatalIf(t, err)
		if len(told) != 1 || told[0].Reason != refused.Reason || told[0].Wait != time.Duration(refused.RetryAfterMs)*time.Millisecond {
			t.Errorf("told %+v, the server sent %+v", told, refused)
		}
		return
	}
	t.Fatal("no case has a call that is repeated once after a wait")
}
