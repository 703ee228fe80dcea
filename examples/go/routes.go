package main

import (
	"encoding/json"
	"log"
	"net/http"

	"go.authflow.dev/authflow"
	"go.authflow.dev/authflow/authhttp"
)

// newRoutes takes the interface, so that tests can give it the fake.
func newRoutes(auth authflow.Authenticator) (http.Handler, error) {
	// It stands before the login too, which so tells the server of a device that had a session.
	guard, err := authhttp.Middleware(auth, authhttp.WithPublic("/register", "/login", "/login/*", "/forgot-password", "/reset-password"))
	if err != nil {
		return nil, err
	}
	b := backend{auth}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /register", b.register)
	mux.HandleFunc("POST /login", b.login)
	mux.HandleFunc("POST /login/mail", b.loginMail)
	mux.HandleFunc("POST /login/code", b.loginCode)
	mux.HandleFunc("POST /forgot-password", b.forgotPassword)
	mux.HandleFunc("POST /reset-password", b.resetPassword)
	mux.HandleFunc("GET /me", b.me)
	mux.HandleFunc("POST /logout", b.logout)
	return guard(mux), nil
}

type backend struct{ auth authflow.Authenticator }

func (b backend) register(w http.ResponseWriter, r *http.Request) {
	var body struct{ Email, Password, FullName string }
	if !read(w, r, &body) {
		return
	}
	user, err := b.auth.SignUp(r.Context(), authflow.NewUser{
		Email:      body.Email,
		Password:   body.Password,
		FullName:   body.FullName,
		Disclaimed: true, // Your page has shown the terms.
	})
	if err != nil {
		authhttp.WriteError(w, err)
		return
	}
	reply(w, http.StatusCreated, user)
}

func (b backend) login(w http.ResponseWriter, r *http.Request) {
	var body struct{ Email, Password string }
	if !read(w, r, &body) {
		return
	}
	step, err := b.auth.LoginStep(r.Context(), body.Email, body.Password)
	replyStep(w, step, err)
}

// forgotPassword answers everybody alike: nobody learns who has an account. The mail's link leads to your page, or the
// server's own.
func (b backend) forgotPassword(w http.ResponseWriter, r *http.Request) {
	var body struct{ Email string }
	if !read(w, r, &body) {
		return
	}
	if err := b.auth.ForgotPassword(r.Context(), body.Email); err != nil {
		authhttp.WriteError(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (b backend) resetPassword(w http.ResponseWriter, r *http.Request) {
	var body struct{ Token, Password, CurrentPassword string }
	if !read(w, r, &body) {
		return
	}
	if body.Token == "" {
		// No mail's: the login has said that the password must be changed.
		body.Token = challengeOf(r)
	}
	if _, err := b.auth.ResetPassword(r.Context(), body.Token, body.Password, body.CurrentPassword); err != nil {
		authhttp.WriteError(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (b backend) me(w http.ResponseWriter, r *http.Request) {
	user, _ := authflow.UserFromContext(r.Context())
	reply(w, http.StatusOK, user)
}

func (b backend) logout(w http.ResponseWriter, r *http.Request) {
	token, _ := authflow.SessionTokenFromContext(r.Context())
	if err := b.auth.Logout(r.Context(), token, ""); err != nil {
		authhttp.WriteError(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func read(w http.ResponseWriter, r *http.Request, body any) bool {
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(body)
	if err != nil {
		reply(w, http.StatusBadRequest, map[string]any{
			"statusCode": http.StatusBadRequest, "error": authflow.InvalidArgument, "message": "The body is no JSON of this route.",
		})
	}
	return err == nil
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		log.Print(err)
	}
}
