module example.com/backend

go 1.26.0

require go.authflow.dev/authflow v0.1.0

require (
	go.authflow.dev/gen v0.1.0 // indirect
	golang.org/x/net v0.60.0 // indirect
	golang.org/x/sys v0.48.0 // indirect
	golang.org/x/text v0.42.0 // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20261110000943-09e21b237f2c // indirect
	google.golang.org/grpc v1.85.0 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
)

// Until the modules are published, they come from this clone.
replace (
	go.authflow.dev/authflow => ../../clients/go
	go.authflow.dev/gen => ../../gen/go
)
