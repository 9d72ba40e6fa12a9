// The Go gRPC server that penstock is measured against: helloworld.Greeter as grpc-go's own example
// has it, and grpc.testing.BenchmarkService (benchmark.go), every option at its default.
//
//	go run . -listen 127.0.0.1:0
//
// Prints `listening on ADDRESS` on stdout once calls are accepted, and nothing more.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/examples/helloworld/helloworld"
	"google.golang.org/grpc/interop/grpc_testing"
)

const (
	exitRuntime = 1
	exitUsage   = 64
)

type greeter struct {
	helloworld.UnimplementedGreeterServer
}

func (greeter) SayHello(_ context.Context, request *helloworld.HelloRequest) (*helloworld.HelloReply, error) {
	return &helloworld.HelloReply{Message: "Hello " + request.GetName()}, nil
}

func fail(status int, format string, args ...any) {
	fmt.Fprintf(os.Stderr, "helloworld peer: "+format+"\n", args...)
	os.Exit(status)
}

func main() {
	flags := flag.NewFlagSet("helloworld peer", flag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:50051", "address to listen on; port 0 takes a free one")
	cores := flags.Int("cores", 0, "threads that run Go code at a time; 0 leaves it to GOMAXPROCS")
	certificate := flags.String("tls-cert", "", "PEM file: serve over TLS with this certificate, and -tls-key")
	key := flags.String("tls-key", "", "PEM file with its key")
	version := flags.Bool("version", false, "print grpc-go's version and end")
	if err := flags.Parse(os.Args[1:]); err != nil {
		os.Exit(exitUsage)
	}
	if flags.NArg() > 0 {
		fail(exitUsage, "unexpected argument %q: give flags only", flags.Arg(0))
	}
	if *version {
		fmt.Println(grpc.Version)
		return
	}

	if *cores > 0 {
		runtime.GOMAXPROCS(*cores)
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		fail(exitRuntime, "cannot listen: %v: choose another -listen", err)
	}
	var options []grpc.ServerOption
	if *certificate != "" {
		tls, err := credentials.NewServerTLSFromFile(*certificate, *key)
		if err != nil {
			fail(exitUsage, "-tls-cert and -tls-key: %v", err)
		}
		options = append(options, grpc.Creds(tls))
	}
	server := grpc.NewServer(options...)
	helloworld.RegisterGreeterServer(server, greeter{})
	grpc_testing.RegisterBenchmarkServiceServer(server, benchmark{})
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		<-stop
		server.Stop()
	}()
	fmt.Printf("listening on %s\n", listener.Addr())
	if err := server.Serve(listener); err != nil {
		fail(exitRuntime, "serving ended: %v", err)
	}
}
