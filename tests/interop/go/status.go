package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/examples/helloworld/helloworld"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// What a call's metadata ask of the status server. It answers SayHello as usual, but:
const (
	keyCode            = "x-want-code"         // the status, decimal
	keyMessage         = "x-want-message-bin"  // its message, UTF-8
	keyEchoHeader      = "x-echo-header"       // copied to the response's header
	keyEchoHeaderBin   = "x-echo-header-bin"   //
	keyEchoTrailer     = "x-echo-trailer"      // copied to the response's trailer
	keyEchoTrailerBin  = "x-echo-trailer-bin"  //
	keyWantDeadlineSet = "x-want-deadline-set" // "true" or "false": otherwise FAILED_PRECONDITION
	keyEncoding        = "x-want-encoding"     // what the response is compressed with
	keyDetail          = "x-want-detail-bin"   // the reason of an ErrorInfo that goes with the status
)

func (s *suite) checkStatus() {
	for code := codes.OK; code <= codes.Unauthenticated; code++ {
		s.onConnection(fmt.Sprintf("status %v", code), func(ctx context.Context, c *connection) error {
			return s.wantStatus(ctx, c, code, "")
		})
	}
	for label, message := range map[string]string{
		"plain":               "what went wrong",
		"percent":             "100% of %41 and %",
		"not ASCII":           "Grüße, 世界 \U0001F30D",
		"line ends and tabs":  "first\nsecond\r\n\tthird",
		"control characters":  "\x00\x01\x1f\x7f",
		"blanks at both ends": "  two  ",
		"1 KiB":               strings.Repeat("long ", 205),
	} {
		s.onConnection("status message: "+label, func(ctx context.Context, c *connection) error {
			return s.wantStatus(ctx, c, codes.Aborted, message)
		})
	}
	s.checkEcho()
	s.checkCompression()
	s.checkDetails()
	for _, set := range []bool{true, false} {
		s.check(fmt.Sprintf("handler sees the deadline: %t", set), func(ctx context.Context) error {
			if !set {
				ctx = context.WithoutCancel(ctx)
			}
			c, err := s.connect()
			if err != nil {
				return err
			}
			defer c.Close()
			return s.hello(metadata.AppendToOutgoingContext(ctx, keyWantDeadlineSet, fmt.Sprint(set)), c, "x")
		})
	}
}

func (s *suite) wantStatus(ctx context.Context, c *connection, code codes.Code, message string) error {
	ctx = metadata.AppendToOutgoingContext(ctx, keyCode, fmt.Sprint(int(code)))
	if message != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, keyMessage, message)
	}
	reply, err := c.greeter.SayHello(ctx, &helloworld.HelloRequest{Name: "status"})
	if err := wantCode(err, code); err != nil {
		return err
	}
	if code == codes.OK {
		if want := s.expect.replyPrefix + "status"; reply.GetMessage() != want {
			return fmt.Errorf("reply is %q, want %q", reply.GetMessage(), want)
		}
		return nil
	}
	if got := status.Convert(err).Message(); got != message {
		return fmt.Errorf("message is %q, want %q", got, message)
	}
	return nil
}

func (s *suite) checkEcho() {
	binary := []string{string([]byte{0, 1, 2}), "", string(bytes.Repeat([]byte{0xff, 0x80}, 100))}
	for label, code := range map[string]codes.Code{"good": codes.OK, "failed": codes.NotFound} {
		s.onConnection("metadata come back from a "+label+" call", func(ctx context.Context, c *connection) error {
			sent := metadata.MD{
				keyEchoHeader:     {"one", "two", "one"},
				keyEchoTrailer:    {"~ printable !"},
				keyEchoHeaderBin:  binary,
				keyEchoTrailerBin: binary,
				keyCode:           {fmt.Sprint(int(code))},
			}
			var header, trailer metadata.MD
			_, err := c.greeter.SayHello(metadata.NewOutgoingContext(ctx, sent),
				&helloworld.HelloRequest{Name: "echo"}, grpc.Header(&header), grpc.Trailer(&trailer))
			if err := wantCode(err, code); err != nil {
				return err
			}
			// A failed call may have no header of its own: all is in the trailer then.
			all := metadata.Join(header, trailer)
			for key, values := range sent {
				if key != keyCode && !slices.Equal(all.Get(key), values) {
					return fmt.Errorf("%s is %q, want %q", key, all.Get(key), values)
				}
			}
			if code == codes.OK && len(trailer.Get(keyEchoHeader)) > 0 {
				return errors.New("header metadata arrived in the trailer")
			}
			return nil
		})
	}
}
