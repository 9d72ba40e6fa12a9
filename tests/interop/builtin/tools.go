//go:build tools

// Package main also names the program of others that is built from here, so that go.mod pins it.
package main

import (
	_ "github.com/fullstorydev/grpcurl/cmd/grpcurl"
)
