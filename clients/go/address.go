package authflow

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// endpoint is where a server listens.
type endpoint struct {
	host, port string
	// scheme is "http", "https", or empty where the address has none.
	scheme string
}

func parseAddress(address string) (endpoint, error) {
	if address == "" {
		return endpoint{}, errors.New("authflow: the address is missing: give WithAddress, or set AUTHFLOW_ADDRESS to the server's host:port")
	}
	if strings.HasPrefix(strings.TrimSpace(address), "af_") && !strings.Contains(address, ":") {
		return endpoint{}, addressFault("looks like an API key")
	}
	if strings.Contains(address, "@") {
		return endpoint{}, addressFault("names a user")
	}
	scheme, authority, ok := strings.Cut(address, "://")
	if !ok {
		scheme, authority = "", address
	}
	e := endpoint{scheme: strings.ToLower(scheme)}
	defaultPort, known := map[string]string{"": "", "http": "80", "https": "443"}[e.scheme]
	if !known || (ok && scheme == "") {
		return endpoint{}, addressFault("has a scheme that is neither http nor https")
	}
	if ok {
		authority = strings.TrimSuffix(authority, "/")
	}
	if strings.ContainsAny(authority, "/?#") {
		return endpoint{}, addressFault("has more than a host and a port")
	}
	if strings.ContainsFunc(authority, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return endpoint{}, addressFault("holds a space or a line break")
	}
	var err error
	if e.host, e.port, err = net.SplitHostPort(authority); err != nil && defaultPort != "" {
		e.host, e.port, err = net.SplitHostPort(authority + ":" + defaultPort)
	}
	if err != nil {
		return endpoint{}, addressFault("has no port, or an IPv6 address without its brackets")
	}
	if e.host == "" {
		return endpoint{}, addressFault("has no host")
	}
	if _, err := netip.ParseAddr(e.host); err != nil && strings.ContainsAny(e.host, ":[]%") {
		return endpoint{}, addressFault("has a malformed IPv6 address")
	}
	if number, err := strconv.ParseUint(e.port, 10, 16); err != nil || number == 0 {
		return endpoint{}, addressFault("has a port that is no number from 1 to 65535")
	}
	return e, nil
}

// addressFault does not repeat what was given: a key may have been put in the address's place.
func addressFault(fault string) error {
	return fmt.Errorf("authflow: the address %s: it must be host:port, http://host:port or https://host:port", fault)
}

func (e endpoint) isLoopback() bool {
	if strings.EqualFold(e.host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(e.host)
	return err == nil && ip.IsLoopback()
}

// String is the host and the port.
func (e endpoint) String() string { return net.JoinHostPort(e.host, e.port) }
