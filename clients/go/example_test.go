package authflow_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"os"

	"go.authflow.dev/authflow"
)

func Example() {
	ctx := context.Background()
	auth, err := authflow.New() // AUTHFLOW_ADDRESS, AUTHFLOW_API_KEY
	if err != nil {
		log.Fatal(err)
	}
	defer auth.Close()

	session, err := auth.Login(ctx, "ada@example.com", "Analytical-1843")
	if err != nil {
		log.Fatal(err)
	}
	user, err := auth.Validate(ctx, session.Token(), session.Email)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.UserID, user.FullName)
}

func ExampleLoginStep() {
	var auth *authflow.Client // made once, by authflow.New
	step, err := auth.LoginStep(context.Background(), "ada@example.com", "Analytical-1843")
	if err != nil {
		log.Fatal(err)
	}
	switch step := step.(type) {
	case authflow.Session:
		fmt.Println("welcome", step.FullName)
	case authflow.Challenge:
		// Keep step.Token() where no browser's script reads it; VerifyTOTP takes it with the code.
		if step.Takes(authflow.MethodTOTP) {
			fmt.Println("which code does your app show?")
		}
	}
}

func ExampleError() {
	var auth *authflow.Client // made once, by authflow.New
	_, err := auth.Login(context.Background(), "ada@example.com", "Analytical-1843")

	var failure *authflow.Error
	switch {
	case err == nil:
		fmt.Println("welcome")
	case !errors.As(err, &failure):
		log.Fatal(err)
	case failure.Reason == authflow.CredentialsInvalid, failure.Reason == authflow.UserNotFound:
		fmt.Println("wrong e-mail or password")
	case failure.RetryAfter > 0:
		fmt.Println("try again in", failure.RetryAfter)
	default:
		log.Print(err)
	}
}

func ExampleWithTLS() {
	authority, err := os.ReadFile("ca.pem")
	if err != nil {
		log.Fatal(err)
	}
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AppendCertsFromPEM(authority)
	// Only where the server demands a certificate of its clients.
	certificate, err := tls.LoadX509KeyPair("client.pem", "client-key.pem")
	if err != nil {
		log.Fatal(err)
	}
	config.Certificates = []tls.Certificate{certificate}

	auth, err := authflow.New(authflow.WithTLS(config))
	if err != nil {
		log.Fatal(err)
	}
	defer auth.Close()
}
