// The backend signs up users, logs them in by one step or two, tells who they are, logs them out and resets their passwords.
package main

import (
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"go.authflow.dev/authflow"
)

func main() {
	auth, err := authflow.New() // AUTHFLOW_ADDRESS, AUTHFLOW_API_KEY
	if err != nil {
		log.Fatal(err)
	}
	defer auth.Close()
	routes, err := newRoutes(auth)
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", os.Getenv("PORT")))
	if err != nil {
		log.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	fmt.Println("listening on", port)
	server := &http.Server{Handler: routes, ReadHeaderTimeout: 10 * time.Second}
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}
