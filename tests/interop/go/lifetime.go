package main

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/keepalive"
)

const (
	agingConnections = 8
	agingCalls       = 2000 // on each
	connectionAge    = 100 * time.Millisecond
)

// lifetimeOptions are those of a grpc-go server: "age" ends its connections early, "strict" permits
// no client to ask more than its defaults say.
func lifetimeOptions(kind string) []grpc.ServerOption {
	if kind == "age" {
		return []grpc.ServerOption{grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionAge: connectionAge})}
	}
	return nil
}

// checkAging: however often the server ends connections, no call fails.
func (s *suite) checkAging() {
	s.check("calls on connections that the server ends for their age", func(ctx context.Context) error {
		return inParallel(agingConnections, func(i int) error {
			c, err := s.connect()
			if err != nil {
				return err
			}
			defer c.Close()
			err = inParallel(4, func(j int) error {
				for k := range agingCalls / 4 {
					if err := s.hello(ctx, c, "aging"); err != nil {
						return fmt.Errorf("call %d: %w", k, err)
					}
				}
				return nil
			})
			if dials := c.dials.Load(); err == nil && dials < 2 {
				return fmt.Errorf("all calls took %d connection", dials)
			}
			return err
		})
	})
}

// checkTooManyPings: a client whose keepalive is too short is sent away, and served when it is back.
// grpc-go takes no less than ten seconds between PINGs, so this takes as long.
func (s *suite) checkTooManyPings() {
	s.check("a keepalive that is too short ends the connection", func(ctx context.Context) error {
		c, err := s.connect(grpc.WithKeepaliveParams(keepalive.ClientParameters{
			Time: 10 * time.Second, PermitWithoutStream: true}))
		if err != nil {
			return err
		}
		defer c.Close()
		if err := s.hello(ctx, c, "before"); err != nil {
			return err
		}
		if !c.WaitForStateChange(ctx, connectivity.Ready) {
			return fmt.Errorf("the connection stands")
		}
		if err := s.hello(ctx, c, "afterwards"); err != nil {
			return err
		}
		if dials := c.dials.Load(); dials != 2 {
			return fmt.Errorf("it took %d connections, not 2", dials)
		}
		return nil
	})
}
