package guard

import "testing"

func TestPaths(t *testing.T) {
	paths := Paths{"/login", "/assets/*", "/a*b"}
	for path, held := range map[string]bool{
		"/login":         true,
		"/login/":        false,
		"/Login":         false,
		"/login/x":       false,
		"/assets/":       true,
		"/assets/a/b.js": true,
		"/assets":        false,
		"/assetsx":       false,
		"/a*b":           true,
		"/axb":           false,
		"/":              false,
		"":               false,
	} {
		if paths.Hold(path) != held {
			t.Errorf("%q: %v", path, !held)
		}
	}
	if !(Paths{"/*"}).Hold("/anything") {
		t.Error("/* does not hold everything")
	}
	if err := paths.Check(); err != nil {
		t.Error(err)
	}
	for _, path := range []string{"", "login", "*"} {
		if (Paths{path}).Check() == nil {
			t.Errorf("%q is not refused", path)
		}
	}
}
