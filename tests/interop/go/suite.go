package main

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/examples/helloworld/helloworld"
	"google.golang.org/grpc/status"
)

// Longer than any check takes on a loaded machine: reaching it is a failure, not a pace.
const checkTimeout = 60 * time.Second

type suite struct {
	target         string
	expect         expectations
	only           string
	passed, failed int
}

// check runs one check and prints how it went.
func (s *suite) check(name string, run func(ctx context.Context) error) {
	if !strings.Contains(name, s.only) || s.hopeless() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), checkTimeout)
	defer cancel()
	if err := run(ctx); err != nil {
		s.failed++
		fmt.Printf("FAILED  %s: %v\n", name, err)
		return
	}
	s.passed++
	fmt.Printf("ok      %s\n", name)
}

// hopeless is true when the first checks all failed: the server answers nobody, and every further
// check would wait for that in vain.
func (s *suite) hopeless() bool {
	return s.passed == 0 && s.failed >= 3
}

// connection is a channel that counts how often it had to dial.
type connection struct {
	*grpc.ClientConn
	greeter helloworld.GreeterClient
	dials   atomic.Int32
}

func (s *suite) connect(options ...grpc.DialOption) (*connection, error) {
	c := &connection{}
	options = append(options,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(64<<20)),
		grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
			c.dials.Add(1)
			return (&net.Dialer{}).DialContext(ctx, "tcp", address)
		}))
	conn, err := grpc.NewClient("passthrough:///"+s.target, options...)
	if err != nil {
		return nil, err
	}
	c.ClientConn = conn
	c.greeter = helloworld.NewGreeterClient(conn)
	return c, nil
}

// onConnection is a check on a connection of its own, which must still be the first and serve a
// plain call afterwards.
func (s *suite) onConnection(name string, run func(ctx context.Context, c *connection) error) {
	s.check(name, func(ctx context.Context) error {
		c, err := s.connect()
		if err != nil {
			return err
		}
		defer c.Close()
		if err := run(ctx, c); err != nil {
			return err
		}
		if err := s.hello(ctx, c, "afterwards"); err != nil {
			return fmt.Errorf("the connection is not usable afterwards: %w", err)
		}
		if dials := c.dials.Load(); dials != 1 {
			return fmt.Errorf("the connection was lost: dialled %d times", dials)
		}
		return nil
	})
}

// hello calls SayHello and checks the reply.
func (s *suite) hello(ctx context.Context, c *connection, name string, options ...grpc.CallOption) error {
	reply, err := c.greeter.SayHello(ctx, &helloworld.HelloRequest{Name: name}, options...)
	if err != nil {
		return err
	}
	if want := s.expect.replyPrefix + name; reply.GetMessage() != want {
		return fmt.Errorf("reply is %s, want %s", brief(reply.GetMessage()), brief(want))
	}
	return nil
}

// wantCode is nil when `err` is a status of one of these codes.
func wantCode(err error, want ...codes.Code) error {
	got := status.Code(err)
	for _, code := range want {
		if got == code {
			return nil
		}
	}
	return fmt.Errorf("status is %v (%v), want %v", got, err, want)
}

// brief keeps a failure's line readable.
func brief(text string) string {
	if len(text) <= 60 {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprintf("%q... (%d octets)", text[:40], len(text))
}
