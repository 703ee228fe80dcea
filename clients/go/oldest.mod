module go.authflow.dev/authflow

go 1.21

require (
	github.com/pquerna/otp v1.5.0 // for tests alone
	go.authflow.dev/gen v0.1.0
	google.golang.org/genproto/googleapis/rpc v0.0.0-20240318140521-94a12d6c2237
	google.golang.org/grpc v1.64.1
	google.golang.org/protobuf v1.34.2
)

require (
	github.com/boombuler/barcode v1.0.1-0.20190219062509-6c824513bacc // indirect; for tests alone
	golang.org/x/net v0.26.0 // indirect
	golang.org/x/sys v0.21.0 // indirect
	golang.org/x/text v0.16.0 // indirect
)

// For work in this repository alone: who depends on this module gets the published stubs that require names.
replace go.authflow.dev/gen => ../../gen/go
