// Calls a helloworld.Greeter server as grpc-go and as bare HTTP/2 frames, and checks every answer.
//
//	go run . -target 127.0.0.1:50051
//	go run . -target ... -status-target 127.0.0.1:50052   also what //tests/interop:status_server does
//	go run . -route-target 127.0.0.1:50053                //examples/route_guide:server, all four kinds
//	go run . -reference 127.0.0.1:0                       be both servers, in grpc-go
//
// Prints a line a check, then `N passed, N failed`; exits 1 if one failed, 64 for bad usage.
package main

import (
	"flag"
	"fmt"
	"os"
)

const (
	exitFailed = 1
	exitUsage  = 64
)

// What the server under test is expected to do.
type expectations struct {
	replyPrefix     string
	messageBytesMax int
	gzip            string // "ok", "unimplemented" or "either"
}

func main() {
	flags := flag.NewFlagSet("interop", flag.ContinueOnError)
	target := flags.String("target", "", "address of a helloworld.Greeter server")
	statusTarget := flags.String("status-target", "", "address of a server that answers what metadata ask for")
	routeTarget := flags.String("route-target", "", "address of the example's routeguide.RouteGuide server")
	reference := flags.String("reference", "", "serve both on this address instead of calling")
	kind := flags.String("reference-kind", "strict", "age: its connections end after 100 ms")
	agingTarget := flags.String("aging-target", "", "address of a Greeter whose connections end after 100 ms")
	pingingTarget := flags.String("pinging-target", "", "address of a Greeter that minds every PING")
	only := flags.String("only", "", "run the checks whose name contains this")
	var expect expectations
	flags.StringVar(&expect.replyPrefix, "expect-prefix", "Hello ", "a reply is this and the name")
	flags.IntVar(&expect.messageBytesMax, "expect-max-bytes", 4<<20, "the largest message the server takes")
	flags.StringVar(&expect.gzip, "expect-gzip", "ok", "what compressed calls get: ok, unimplemented, either")
	if err := flags.Parse(os.Args[1:]); err != nil {
		os.Exit(exitUsage)
	}
	if *reference != "" {
		serveReference(*reference, *kind)
		return
	}
	if *target+*routeTarget+*agingTarget+*pingingTarget == "" || flags.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "interop: name the server: -target HOST:PORT, or -route-target")
		os.Exit(exitUsage)
	}

	s := &suite{target: *target, expect: expect, only: *only}
	if *target != "" {
		s.checkUnary()
		s.checkLoad()
		s.checkInterruptions()
		s.checkRawRequests()
		s.checkRawMessages()
	}
	if *statusTarget != "" {
		s.target = *statusTarget
		s.checkStatus()
	}
	if *routeTarget != "" {
		s.target = *routeTarget
		s.checkRoutes()
	}
	if *agingTarget != "" {
		s.target = *agingTarget
		s.checkAging()
	}
	if *pingingTarget != "" {
		s.target = *pingingTarget
		s.checkTooManyPings()
	}
	fmt.Printf("%d passed, %d failed\n", s.passed, s.failed)
	if s.failed > 0 || s.passed == 0 {
		os.Exit(exitFailed)
	}
}
