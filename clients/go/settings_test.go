package authflow

import (
	"strings"
	"testing"
)

var testKey = "af_" + strings.Repeat("K", 43)

func TestAddresses(t *testing.T) {
	t.Setenv("AUTHFLOW_API_KEY", testKey)
	plaintext, secure := WithPlaintext(), WithTLS(nil)
	for _, c := range []struct {
		address string
		opts    []Option
		at      string
		secure  bool
	}{
		{"localhost:50051", nil, "localhost:50051", false},
		{"LOCALHOST:50051", nil, "LOCALHOST:50051", false},
		{"127.8.7.6:50051", nil, "127.8.7.6:50051", false},
		{"[::1]:50051", nil, "[::1]:50051", false},
		{"auth.internal:50051", nil, "auth.internal:50051", true},
		{"10.0.0.5:50051", nil, "10.0.0.5:50051", true},
		{"[2001:db8::1]:50051", nil, "[2001:db8::1]:50051", true},
		{"localhost.example.com:50051", nil, "localhost.example.com:50051", true},
		{"auth.internal:50051", []Option{plaintext}, "auth.internal:50051", false},
		{"localhost:50051", []Option{secure}, "localhost:50051", true},
		{"http://auth.internal:50051", nil, "auth.internal:50051", false},
		{"http://auth.internal:50051/", []Option{plaintext}, "auth.internal:50051", false},
		{"http://auth.internal", nil, "auth.internal:80", false},
		{"https://auth.internal", nil, "auth.internal:443", true},
		{"HTTPS://localhost:50051/", []Option{secure}, "localhost:50051", true},
		{"https://[::1]", nil, "[::1]:443", true},
		{"[fe80::1%eth0]:50051", nil, "[fe80::1%eth0]:50051", true},
	} {
		client, err := New(append(c.opts, WithAddress(c.address))...)
		if err != nil {
			t.Errorf("%s: %v", c.address, err)
			continue
		}
		client.Close()
		if client.endpoint.String() != c.at || client.secure != c.secure {
			t.Errorf("%s leads to %s, by TLS: %v", c.address, client.endpoint, client.secure)
		}
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	address, key := WithAddress("localhost:1"), WithAPIKey(testKey)
	for name, c := range map[string]struct {
		opts []Option
		says string
	}{
		"no address at all":      {[]Option{key}, "AUTHFLOW_ADDRESS"},
		"an empty address":       {[]Option{WithAddress(""), key}, "AUTHFLOW_ADDRESS"},
		"no key at all":          {[]Option{address}, "AUTHFLOW_API_KEY"},
		"an empty key":           {[]Option{address, WithAPIKey("")}, "AUTHFLOW_API_KEY"},
		"a key with its line":    {[]Option{address, WithAPIKey(testKey + "\n")}, "line break"},
		"no deadline":            {[]Option{address, key, WithDeadline(0)}, "deadline"},
		"no port":                {[]Option{WithAddress("localhost"), key}, "no port"},
		"an IPv6 address alone":  {[]Option{WithAddress("::1:50051"), key}, "brackets"},
		"no IPv6 address":        {[]Option{WithAddress("[::g]:50051"), key}, "IPv6"},
		"a port of nobody":       {[]Option{WithAddress("localhost:0"), key}, "port"},
		"a port too high":        {[]Option{WithAddress("localhost:65536"), key}, "port"},
		"an empty port":          {[]Option{WithAddress("http://localhost:"), key}, "port"},
		"a named port":           {[]Option{WithAddress("localhost:grpc"), key}, "port"},
		"no host":                {[]Option{WithAddress(":50051"), key}, "no host"},
		"a path":                 {[]Option{WithAddress("http://localhost:50051/auth"), key}, "more than a host"},
		"a slash, no scheme":     {[]Option{WithAddress("localhost:50051/"), key}, "more than a host"},
		"a query":                {[]Option{WithAddress("http://localhost:50051?tls=1"), key}, "more than a host"},
		"another scheme":         {[]Option{WithAddress("grpc://localhost:50051"), key}, "scheme"},
		"a target of gRPC":       {[]Option{WithAddress("dns:///localhost:50051"), key}, "scheme"},
		"an empty scheme":        {[]Option{WithAddress("://localhost:50051"), key}, "scheme"},
		"an address's line":      {[]Option{WithAddress("localhost:50051\n"), key}, "line break"},
		"a zone of nothing":      {[]Option{WithAddress("S3cret%eth0:50051"), key}, "IPv6"},
		"the key as the address": {[]Option{WithAddress(testKey), WithAPIKey("localhost:50051")}, "looks like an API key"},
		"the key and its line":   {[]Option{WithAddress(" " + testKey + "\n"), WithAPIKey("localhost:50051")}, "looks like an API key"},
		"a key with a scheme":    {[]Option{WithAddress("grpc://" + testKey), key}, "scheme"},
		"an address of secrets":  {[]Option{WithAddress("S3cret"), key}, "no port"},
		"a user":                 {[]Option{WithAddress("http://ada:S3cret@localhost:1"), key}, "user"},
		"clear text and TLS":     {[]Option{address, key, WithPlaintext(), WithTLS(nil)}, "contradict"},
		"http:// and TLS":        {[]Option{WithAddress("http://localhost:1"), key, WithTLS(nil)}, "contradict"},
		"https:// in clear text": {[]Option{WithAddress("https://localhost:1"), key, WithPlaintext()}, "contradict"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("AUTHFLOW_ADDRESS", "")
			t.Setenv("AUTHFLOW_API_KEY", "")
			_, err := New(c.opts...)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got %v", err)
			}
			if strings.Contains(err.Error(), testKey) || strings.Contains(err.Error(), "S3cret") {
				t.Errorf("%v tells a secret", err)
			}
		})
	}
}

func TestTheEnvironmentIsReadWhereNothingIsGiven(t *testing.T) {
	t.Setenv("AUTHFLOW_ADDRESS", "localhost:50051")
	t.Setenv("AUTHFLOW_API_KEY", testKey)
	client, err := New()
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if client.endpoint.String() != "localhost:50051" {
		t.Errorf("leads to %s", client.endpoint)
	}
	if _, err := New(WithAddress("")); err == nil {
		t.Error("an empty address is taken for none")
	}
}
