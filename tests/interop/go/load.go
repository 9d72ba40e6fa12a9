package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/examples/helloworld/helloworld"
)

// inParallel runs `count` of them at once and returns the first error.
func inParallel(count int, run func(i int) error) error {
	var group sync.WaitGroup
	errs := make(chan error, count)
	for i := range count {
		group.Add(1)
		go func() {
			defer group.Done()
			if err := run(i); err != nil {
				errs <- fmt.Errorf("number %d of %d: %w", i, count, err)
			}
		}()
	}
	group.Wait()
	close(errs)
	return <-errs // nil when there is none
}

func (s *suite) checkLoad() {
	s.onConnection("1000 concurrent calls on one connection", func(ctx context.Context, c *connection) error {
		return inParallel(1000, func(i int) error {
			return s.hello(ctx, c, fmt.Sprintf("concurrent %d", i))
		})
	})
	s.onConnection("concurrent calls of many sizes", func(ctx context.Context, c *connection) error {
		return inParallel(64, func(i int) error {
			return s.hello(ctx, c, strings.Repeat("s", i*i*97))
		})
	})
	s.onConnection("3000 calls one after another", func(ctx context.Context, c *connection) error {
		for i := range 3000 {
			call, cancel := context.WithTimeout(ctx, 30*time.Second)
			err := s.hello(call, c, fmt.Sprintf("sequential %d", i))
			cancel()
			if err != nil {
				return fmt.Errorf("call %d: %w", i, err)
			}
		}
		return nil
	})
	s.check("20 connections with 50 calls each", func(ctx context.Context) error {
		return inParallel(20, func(i int) error {
			c, err := s.connect()
			if err != nil {
				return err
			}
			defer c.Close()
			return inParallel(50, func(j int) error {
				return s.hello(ctx, c, fmt.Sprintf("connection %d call %d", i, j))
			})
		})
	})
	s.check("100 connections one after another", func(ctx context.Context) error {
		for i := range 100 {
			c, err := s.connect()
			if err != nil {
				return err
			}
			err = s.hello(ctx, c, "brief")
			c.Close()
			if err != nil {
				return fmt.Errorf("connection %d: %w", i, err)
			}
		}
		return nil
	})
}

var sayHelloAsStream = &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}

// open starts a SayHello whose frames the check sends itself.
func open(ctx context.Context, c *connection) (grpc.ClientStream, error) {
	return c.NewStream(ctx, sayHelloAsStream, helloworld.Greeter_SayHello_FullMethodName)
}

func (s *suite) checkInterruptions() {
	s.onConnection("calls cancelled at every point", func(ctx context.Context, c *connection) error {
		return inParallel(200, func(i int) error {
			if i%2 == 0 { // what goes on beside them
				return s.hello(ctx, c, fmt.Sprintf("undisturbed %d", i))
			}
			return cancelAt(ctx, c, i/2%4)
		})
	})
	s.onConnection("deadline of a call whose request never ends", func(ctx context.Context, c *connection) error {
		bounded, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		stream, err := open(bounded, c)
		if err != nil {
			return err
		}
		if err := stream.SendMsg(&helloworld.HelloRequest{Name: "half open"}); err != nil {
			return err
		}
		return wantCode(stream.RecvMsg(&helloworld.HelloReply{}), codes.DeadlineExceeded)
	})
	// The document says UNIMPLEMENTED for a wrong number of messages, grpc-go says INTERNAL.
	s.onConnection("unary call without a message", func(ctx context.Context, c *connection) error {
		stream, err := open(ctx, c)
		if err != nil {
			return err
		}
		if err := stream.CloseSend(); err != nil {
			return err
		}
		err = stream.RecvMsg(&helloworld.HelloReply{})
		return wantCode(err, codes.Unimplemented, codes.Internal)
	})
	s.onConnection("unary call with two messages", func(ctx context.Context, c *connection) error {
		stream, err := open(ctx, c)
		if err != nil {
			return err
		}
		for range 2 {
			// The second may find the call ended already: what counts is the status.
			_ = stream.SendMsg(&helloworld.HelloRequest{Name: "twice"})
		}
		_ = stream.CloseSend()
		err = stream.RecvMsg(&helloworld.HelloReply{})
		return wantCode(err, codes.Unimplemented, codes.Internal)
	})
}

// cancelAt opens a call and cancels it: before anything was sent, after the message, after the
// half-close, or with a large message under way.
func cancelAt(ctx context.Context, c *connection, point int) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := open(ctx, c)
	if err != nil {
		return err
	}
	name := "cancelled"
	if point == 3 {
		name = strings.Repeat("big", 200_000)
	}
	if point > 0 {
		if err := stream.SendMsg(&helloworld.HelloRequest{Name: name}); err != nil {
			return err
		}
	}
	if point > 1 {
		if err := stream.CloseSend(); err != nil {
			return err
		}
	}
	cancel()
	if point > 1 { // the reply may have won the race
		return wantCode(stream.RecvMsg(&helloworld.HelloReply{}), codes.Canceled, codes.OK)
	}
	return wantCode(stream.RecvMsg(&helloworld.HelloReply{}), codes.Canceled)
}
