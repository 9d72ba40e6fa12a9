package main

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/examples/helloworld/helloworld"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
)

// wireWatch sees how the latest response came.
type wireWatch struct {
	sync.Mutex
	encoding           string
	bytes, packedBytes int
}

func (w *wireWatch) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

func (w *wireWatch) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

func (w *wireWatch) HandleConn(context.Context, stats.ConnStats) {}

func (w *wireWatch) HandleRPC(_ context.Context, seen stats.RPCStats) {
	w.Lock()
	defer w.Unlock()
	switch seen := seen.(type) {
	case *stats.InHeader:
		w.encoding = seen.Compression
	case *stats.InPayload:
		w.bytes, w.packedBytes = seen.Length, seen.CompressedLength
	}
}

func (w *wireWatch) want(encoding string) error {
	w.Lock()
	defer w.Unlock()
	if w.encoding == "identity" {
		w.encoding = ""
	}
	if w.encoding != encoding {
		return fmt.Errorf("the response's encoding is %q, want %q", w.encoding, encoding)
	}
	if packed := w.packedBytes < w.bytes; packed != (encoding != "") {
		return fmt.Errorf("a response of %d octets came in %d", w.bytes, w.packedBytes)
	}
	return nil
}

func (s *suite) checkCompression() {
	for _, request := range []string{"plain", "compressed"} {
		for _, response := range []string{"", gzip.Name} {
			name := fmt.Sprintf("%s request, response in %q", request, response)
			s.check(name, func(ctx context.Context) error {
				watch := &wireWatch{}
				c, err := s.connect(grpc.WithStatsHandler(watch))
				if err != nil {
					return err
				}
				defer c.Close()
				var options []grpc.CallOption
				if request == "compressed" {
					options = append(options, grpc.UseCompressor(gzip.Name))
				}
				if response != "" {
					ctx = metadata.AppendToOutgoingContext(ctx, keyEncoding, response)
				} else {
					ctx = metadata.AppendToOutgoingContext(ctx, keyEncoding, "identity")
				}
				for _, octets := range []int{10_000, 1_000_000, 3_000_000} {
					text := strings.Repeat("compressible ", octets/13)
					if err := s.hello(ctx, c, text, options...); err != nil {
						return fmt.Errorf("%d octets: %w", octets, err)
					}
					if err := watch.want(response); err != nil {
						return fmt.Errorf("%d octets: %w", octets, err)
					}
				}
				return nil
			})
		}
	}
	s.onConnection("message that is too long once it is decompressed", func(ctx context.Context, c *connection) error {
		name := strings.Repeat("x", s.expect.messageBytesMax+1000)
		return wantCode(s.hello(ctx, c, name, grpc.UseCompressor(gzip.Name)), codes.ResourceExhausted)
	})
}

func (s *suite) checkDetails() {
	for _, octets := range []int{0, 10, 5000} {
		s.onConnection(fmt.Sprintf("details of a status, %d octets", octets), func(ctx context.Context, c *connection) error {
			reason := strings.Repeat("r", octets)
			ctx = metadata.AppendToOutgoingContext(ctx,
				keyCode, fmt.Sprint(int(codes.FailedPrecondition)), keyMessage, "for people", keyDetail, reason)
			_, err := c.greeter.SayHello(ctx, &helloworld.HelloRequest{Name: "details"})
			if err := wantCode(err, codes.FailedPrecondition); err != nil {
				return err
			}
			got := status.Convert(err)
			if got.Message() != "for people" || len(got.Details()) != 1 {
				return fmt.Errorf("message %q and %d details, want one", got.Message(), len(got.Details()))
			}
			info, ok := got.Details()[0].(*errdetails.ErrorInfo)
			if !ok || info.GetReason() != reason {
				return fmt.Errorf("the detail is %s", brief(fmt.Sprint(got.Details()[0])))
			}
			return nil
		})
	}
}
