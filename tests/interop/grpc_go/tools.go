//go:build tools

// Package tools names the programs of grpc-go that are built from here, so that go.mod pins them.
package tools

import (
	_ "google.golang.org/grpc/interop/client"
	_ "google.golang.org/grpc/interop/server"
)
