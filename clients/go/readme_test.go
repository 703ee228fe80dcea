package authflow_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
)

// The block that runs these tests.
const ownTests = "npm run with-server -- go test ./...\n"

// What the snippets import, by the names that they use.
var imports = map[string]string{
	"authflow": "go.authflow.dev/authflow",
	"authgrpc": "go.authflow.dev/authflow/authgrpc",
	"authhttp": "go.authflow.dev/authflow/authhttp",
	"context":  "context",
	"errors":   "errors",
	"fmt":      "fmt",
	"grpc":     "google.golang.org/grpc",
	"http":     "net/http",
	"log":      "log",
	"net":      "net",
}

// All blocks of the README, one after the other in one shell: a newcomer's first project, from a clone.
func TestReadmeRuns(t *testing.T) {
	org := newOrganization(t, "AUTHFLOW_TEST_GRPC")
	clone := cloneOfModules(t)
	readme, err := os.ReadFile("README.md")
	fatalIf(t, err)
	script := &strings.Builder{}
	snippets := 0
	for _, block := range regexp.MustCompile("(?s)```(\\w+)\n(.*?)```").FindAllStringSubmatch(string(readme), -1) {
		language, text := block[1], block[2]
		switch {
		case text == ownTests:
		case language == "sh" && strings.HasPrefix(text, "cp CLONE/"):
			fmt.Fprintf(script, "go mod tidy && go vet . && go list -m google.golang.org/grpc\n%s\n", text)
		case language == "sh":
			fmt.Fprintln(script, text)
		case strings.Contains(text, "func Test"):
			writeFile(script, "main_test.go", text)
		case strings.HasPrefix(text, "package main\n"):
			writeFile(script, "main.go", text)
		case language == "go":
			snippets++
			writeFile(script, fmt.Sprintf("snippet%d.go", snippets), wholeFile(snippets, text))
		default:
			t.Errorf("nobody runs a block of %q", language)
		}
	}
	// The round trip on the oldest libraries, which the last block has asked for.
	fmt.Fprintln(script, "rm go.mod go.sum main_test.go snippet*.go && go mod init example.com/hello && go mod edit -go=1.21 "+
		"-replace go.authflow.dev/authflow=CLONE/clients/go -replace go.authflow.dev/gen=CLONE/gen/go && go mod tidy && go vet .")
	fmt.Fprintln(script, "go list -m google.golang.org/grpc")
	command := exec.Command("sh", "-e", "-c", strings.NewReplacer(
		"CLONE", clone,
		"AUTHFLOW_ADDRESS=127.0.0.1:50051", "AUTHFLOW_ADDRESS="+standVariable(t, "AUTHFLOW_TEST_GRPC"),
		"AUTHFLOW_API_KEY='af_…'", "AUTHFLOW_API_KEY="+org.apiKey,
	).Replace(script.String()))
	command.Dir = t.TempDir()
	// A newcomer has no other go.mod in mind.
	flags := regexp.MustCompile(`-modfile=\S+`).ReplaceAllString(os.Getenv("GOFLAGS"), "")
	command.Env = append(os.Environ(), "GOFLAGS="+flags)
	printed, err := command.CombinedOutput()
	if err != nil || !strings.Contains(string(printed), "Ada Lovelace") || snippets == 0 {
		t.Fatalf("%v: %s", err, printed)
	}
	if leaked := secrets.in(string(printed)); leaked != "" {
		t.Errorf("it prints the key")
	}
	for _, modfile := range []string{"go.mod", "oldest.mod"} {
		if required := requiredGRPC(t, modfile); !strings.Contains(string(printed), required+"\n") {
			t.Errorf("a project does not get %s: %s", required, printed)
		}
	}
}

// cloneOfModules is what a clone has for Go, to be changed at will.
func cloneOfModules(t *testing.T) string {
	t.Helper()
	clone := t.TempDir()
	for _, folder := range []string{"clients/go", "gen/go"} {
		into := filepath.Join(clone, filepath.FromSlash(folder))
		fatalIf(t, os.MkdirAll(into, 0o700))
		fatalIf(t, exec.Command("cp", "-R", filepath.Join("..", "..", folder)+"/.", into).Run())
	}
	return clone
}

func writeFile(script *strings.Builder, name, text string) {
	fmt.Fprintf(script, "cat > %s <<'END OF FILE'\n%s\nEND OF FILE\n", name, text)
}

// wholeFile makes a function of statements that have a client and an error to work with.
func wholeFile(number int, snippet string) string {
	used := []string{fmt.Sprintf("%q", imports["authflow"])}
	for name, path := range imports {
		if name != "authflow" && regexp.MustCompile(`\b`+name+`\.[A-Z]`).MatchString(snippet) {
			used = append(used, fmt.Sprintf("%q", path))
		}
	}
	sort.Strings(used)
	uses := ""
	for _, made := range regexp.MustCompile(`(?m)^(\w+)(?:, \w+)? := `).FindAllStringSubmatch(snippet, -1) {
		uses += fmt.Sprintf("_ = %s\n", made[1])
	}
	return fmt.Sprintf("package main\n\nimport (\n%s\n)\n\nfunc snippet%d(auth *authflow.Client, err error) {\n{\n%s%s}\n_, _ = auth, err\n}\n",
		strings.Join(used, "\n"), number, snippet, uses)
}

// requiredGRPC is what a committed go.mod names, whatever these tests are built with.
func requiredGRPC(t *testing.T, modfile string) string {
	t.Helper()
	committed, err := os.ReadFile(modfile)
	fatalIf(t, err)
	version := regexp.MustCompile(`google\.golang\.org/grpc (v\S+)`).FindSubmatch(committed)
	if version == nil {
		t.Fatalf("%s names no gRPC", modfile)
	}
	return "google.golang.org/grpc " + string(version[1])
}
