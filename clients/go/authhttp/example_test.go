package authhttp_test

import (
	"fmt"
	"log"
	"net/http"

	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/authhttp"
)

func Example() {
	auth, err := authflow.New()
	if err != nil {
		log.Fatal(err)
	}
	guard, err := authhttp.Middleware(auth, authhttp.WithOnError(func(r *http.Request, err error) {
		log.Print(r.URL.Path, ": ", err)
	}))
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("/account", guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, _ := authflow.UserFromContext(r.Context())
		fmt.Fprintln(w, "Hello,", user.FullName)
	})))
	log.Fatal(http.ListenAndServe("localhost:8000", nil))
}
