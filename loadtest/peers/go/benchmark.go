package main

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"
)

const payloadBytesMax = 4 << 20

type benchmark struct {
	grpc_testing.UnimplementedBenchmarkServiceServer
}

// payload is of zeroes, as long as the request asks for.
func payload(request *grpc_testing.SimpleRequest) ([]byte, error) {
	if size := request.GetResponseSize(); size < 0 || size > payloadBytesMax {
		return nil, status.Errorf(codes.InvalidArgument, "response_size is %d, which is not between 0 and 4 MiB", size)
	}
	return make([]byte, request.GetResponseSize()), nil
}

// UnaryCall answers with a payload of zeroes, as long as the request asks for.
func (benchmark) UnaryCall(_ context.Context, request *grpc_testing.SimpleRequest) (*grpc_testing.SimpleResponse, error) {
	body, err := payload(request)
	if err != nil {
		return nil, err
	}
	return &grpc_testing.SimpleResponse{Payload: &grpc_testing.Payload{Body: body}}, nil
}

// StreamingCall answers each request with a payload of zeroes, as long as it asks for. Like
// grpc-go's own benchmark server it reads into one request and sends one response again and again,
// with a new payload each time.
func (benchmark) StreamingCall(stream grpc.BidiStreamingServer[grpc_testing.SimpleRequest, grpc_testing.SimpleResponse]) error {
	request := new(grpc_testing.SimpleRequest)
	response := &grpc_testing.SimpleResponse{Payload: new(grpc_testing.Payload)}
	for {
		// Not Recv(), which makes a new request each time.
		if err := stream.RecvMsg(request); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		body, err := payload(request)
		if err != nil {
			return err
		}
		response.Payload.Body = body
		if err := stream.Send(response); err != nil {
			return err
		}
	}
}
