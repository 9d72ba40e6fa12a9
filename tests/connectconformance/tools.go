//go:build tools

// Package tools names the program that is built from here, so that go.mod pins it.
package tools

import _ "connectrpc.com/conformance/cmd/connectconformance"
