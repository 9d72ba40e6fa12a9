package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	_ "google.golang.org/grpc/encoding/gzip" // registers itself
	"google.golang.org/grpc/examples/helloworld/helloworld"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// A status server in grpc-go: what the checks are themselves checked against.
type reference struct {
	helloworld.UnimplementedGreeterServer
}

func (reference) SayHello(ctx context.Context, request *helloworld.HelloRequest) (*helloworld.HelloReply, error) {
	asked, _ := metadata.FromIncomingContext(ctx)
	header, trailer := metadata.MD{}, metadata.MD{}
	for _, key := range []string{keyEchoHeader, keyEchoHeaderBin} {
		header.Append(key, asked.Get(key)...)
	}
	for _, key := range []string{keyEchoTrailer, keyEchoTrailerBin} {
		trailer.Append(key, asked.Get(key)...)
	}
	if err := grpc.SetHeader(ctx, header); err != nil {
		return nil, err
	}
	if err := grpc.SetTrailer(ctx, trailer); err != nil {
		return nil, err
	}
	if want := asked.Get(keyWantDeadlineSet); len(want) > 0 {
		if _, set := ctx.Deadline(); fmt.Sprint(set) != want[0] {
			return nil, status.Errorf(codes.FailedPrecondition, "deadline set: %t", set)
		}
	}
	if code := asked.Get(keyCode); len(code) > 0 && code[0] != "0" {
		number, err := strconv.Atoi(code[0])
		if err != nil {
			return nil, status.Errorf(codes.InvalidArgument, "%s is no number", keyCode)
		}
		message := ""
		if want := asked.Get(keyMessage); len(want) > 0 {
			message = want[0]
		}
		failure := status.New(codes.Code(number), message)
		if reason := asked.Get(keyDetail); len(reason) > 0 {
			if failure, err = failure.WithDetails(&errdetails.ErrorInfo{Reason: reason[0]}); err != nil {
				return nil, err
			}
		}
		return nil, failure.Err()
	}
	if encoding := asked.Get(keyEncoding); len(encoding) > 0 {
		if err := grpc.SetSendCompressor(ctx, encoding[0]); err != nil {
			return nil, err
		}
	}
	return &helloworld.HelloReply{Message: "Hello " + request.GetName()}, nil
}

func serveReference(address, kind string) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		fmt.Fprintf(os.Stderr, "interop: cannot listen: %v: choose another -reference address\n", err)
		os.Exit(exitFailed)
	}
	server := grpc.NewServer(lifetimeOptions(kind)...)
	helloworld.RegisterGreeterServer(server, reference{})
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		<-stop
		server.Stop()
	}()
	fmt.Printf("listening on %s\n", listener.Addr())
	if err := server.Serve(listener); err != nil {
		fmt.Fprintf(os.Stderr, "interop: serving ended: %v\n", err)
		os.Exit(exitFailed)
	}
}
