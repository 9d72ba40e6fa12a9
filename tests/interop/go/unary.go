package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/examples/helloworld/helloworld"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// nameForRequestOf returns a name whose HelloRequest takes exactly `bytes` on the wire.
func nameForRequestOf(bytes int) (string, error) {
	name := strings.Repeat("n", bytes)
	for len(name) > 0 {
		excess := proto.Size(&helloworld.HelloRequest{Name: name}) - bytes
		if excess == 0 {
			return name, nil
		}
		name = name[excess:]
	}
	return "", fmt.Errorf("no request takes exactly %d octets", bytes)
}

func (s *suite) checkUnary() {
	s.checkSizes()
	s.checkUnknown()
	s.checkMetadata()

	s.onConnection("deadline far away", func(ctx context.Context, c *connection) error {
		for _, timeout := range []time.Duration{5 * time.Second, time.Hour, 87600 * time.Hour} {
			bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
			err := s.hello(bounded, c, "deadline")
			cancel()
			if err != nil {
				return fmt.Errorf("timeout %v: %w", timeout, err)
			}
		}
		return nil
	})
	s.onConnection("gzip request", func(ctx context.Context, c *connection) error {
		err := s.hello(ctx, c, strings.Repeat("compressible ", 1000), grpc.UseCompressor(gzip.Name))
		switch s.expect.gzip {
		case "ok":
			return err
		case "unimplemented":
			return wantCode(err, codes.Unimplemented)
		}
		if err == nil {
			return nil
		}
		return wantCode(err, codes.Unimplemented)
	})
}

func (s *suite) checkSizes() {
	limit := s.expect.messageBytesMax
	for _, size := range []struct {
		label string
		name  string
	}{
		{"small message", "world"},
		{"empty name", ""},
		{"not ASCII", "Grüße, 世界 \U0001F30D"},
		{"name of 127 octets", strings.Repeat("a", 127)},
		{"name of 128 octets", strings.Repeat("b", 128)},
		{"one octet more than a frame", strings.Repeat("c", 16385)},
		{"message of 64 KiB", strings.Repeat("d", 64<<10)},
		{"message of 1 MiB", strings.Repeat("e", 1<<20)},
	} {
		s.onConnection(size.label, func(ctx context.Context, c *connection) error {
			return s.hello(ctx, c, size.name)
		})
	}
	s.onConnection("message as long as allowed", func(ctx context.Context, c *connection) error {
		name, err := nameForRequestOf(limit)
		if err != nil {
			return err
		}
		return s.hello(ctx, c, name)
	})
	s.onConnection("message one octet too long", func(ctx context.Context, c *connection) error {
		name, err := nameForRequestOf(limit + 1)
		if err != nil {
			return err
		}
		err = s.hello(ctx, c, name)
		if err := wantCode(err, codes.ResourceExhausted); err != nil {
			return err
		}
		message := status.Convert(err).Message()
		for _, number := range []int{limit + 1, limit} {
			if !strings.Contains(message, fmt.Sprint(number)) {
				return fmt.Errorf("the message %q does not say %d", message, number)
			}
		}
		return nil
	})
	s.onConnection("ten messages too long in a row", func(ctx context.Context, c *connection) error {
		name := strings.Repeat("x", limit+1000)
		for i := range 10 {
			if err := wantCode(s.hello(ctx, c, name), codes.ResourceExhausted); err != nil {
				return fmt.Errorf("call %d: %w", i, err)
			}
		}
		return nil
	})
}

func (s *suite) checkUnknown() {
	for label, method := range map[string]string{
		"unknown method":                "/helloworld.Greeter/SayNothing",
		"unknown service":               "/helloworld.Nobody/SayHello",
		"method in another letter case": "/helloworld.Greeter/sayhello",
	} {
		s.onConnection(label, func(ctx context.Context, c *connection) error {
			err := c.Invoke(ctx, method, &helloworld.HelloRequest{Name: "x"}, &helloworld.HelloReply{})
			if err := wantCode(err, codes.Unimplemented); err != nil {
				return err
			}
			if status.Convert(err).Message() == "" {
				return errors.New("the status has no message")
			}
			return nil
		})
	}
}

func (s *suite) checkMetadata() {
	s.onConnection("request metadata of every kind", func(ctx context.Context, c *connection) error {
		ctx = metadata.AppendToOutgoingContext(ctx,
			"x-plain", "value",
			"x-repeated", "one", "x-repeated", "two",
			"x-empty", "",
			"x-printable", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ and a blank",
			"x-octets-bin", string([]byte{0, 1, 2, 0x7f, 0x80, 0xff}),
			"x-empty-bin", "",
			"x-long", strings.Repeat("v", 3000))
		return s.hello(ctx, c, "metadata")
	})
	// HTTP/2 has no such values, but gRPC's document does, and its clients send them as they are.
	s.onConnection("metadata value with blanks at both ends", func(ctx context.Context, c *connection) error {
		return s.hello(metadata.AppendToOutgoingContext(ctx, "x-blanks", "  two  "), c, "blanks")
	})
	s.onConnection("header and trailer of a good call", func(ctx context.Context, c *connection) error {
		var header, trailer metadata.MD
		if err := s.hello(ctx, c, "header", grpc.Header(&header), grpc.Trailer(&trailer)); err != nil {
			return err
		}
		if got := header.Get("content-type"); len(got) != 1 || got[0] != "application/grpc" {
			return fmt.Errorf("content-type is %q", got)
		}
		for key := range trailer {
			if strings.HasPrefix(key, "grpc-") {
				return fmt.Errorf("the trailer shows %s", key)
			}
		}
		return nil
	})
	s.onConnection("new metadata at every call", func(ctx context.Context, c *connection) error {
		for i := range 300 { // enough to turn the dynamic table over
			call := metadata.AppendToOutgoingContext(ctx,
				fmt.Sprintf("x-key-%d", i%50), fmt.Sprintf("value %d", i))
			if err := s.hello(call, c, fmt.Sprint(i)); err != nil {
				return fmt.Errorf("call %d: %w", i, err)
			}
		}
		return nil
	})
}
