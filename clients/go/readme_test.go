package client_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The README's first program, as it stands there.
func TestReadmeProgramRuns(t *testing.T) {
	org := newOrganization(t, "AUTHFLOW_TEST_GRPC")
	readme, err := os.ReadFile("README.md")
	fatalIf(t, err)
	block := regexp.MustCompile("(?s)```go\n(package main\n.*?)```").FindSubmatch(readme)
	if block == nil {
		t.Fatal("the README has no program")
	}
	program := filepath.Join(t.TempDir(), "main.go")
	fatalIf(t, os.WriteFile(program, block[1], 0o600))
	command := exec.Command("go", "run", program)
	command.Env = append(os.Environ(),
		"AUTHFLOW_GRPC="+standVariable(t, "AUTHFLOW_TEST_GRPC"), "AUTHFLOW_API_KEY="+org.apiKey)
	printed, err := command.CombinedOutput()
	if err != nil || !strings.Contains(string(printed), "Ada Lovelace") {
		t.Fatalf("%v: %s", err, printed)
	}
	if leaked := secrets.in(string(printed)); leaked != "" {
		t.Errorf("it prints the key")
	}
}
