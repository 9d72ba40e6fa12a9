package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/http2"
)

// exchange sends what `send` writes on a connection of its own and judges the response; a plain
// call on the same connection must succeed afterwards, unless the connection was to end.
func (s *suite) exchange(name string, send func(c *rawConnection) error, judge func(r *response) error) {
	s.check("raw: "+name, func(context.Context) error {
		c, err := s.connectRaw()
		if err != nil {
			return err
		}
		defer c.Close()
		if err := send(c); err != nil {
			return err
		}
		r, err := c.receive()
		if err != nil {
			return err
		}
		if err := judge(r); err != nil {
			return err
		}
		if r.goAway != nil {
			return nil
		}
		if err := sendCall(c, request(), framed(0, "afterwards")); err != nil {
			return fmt.Errorf("afterwards: %w", err)
		}
		if r, err = c.receive(); err != nil {
			return fmt.Errorf("afterwards: %w", err)
		}
		return s.wantHello(r, "afterwards")
	})
}

// sendCall sends a header and each piece of the body as a DATA frame; the last one ends the stream.
func sendCall(c *rawConnection, fields []field, pieces ...[]byte) error {
	if err := c.sendHeaders(len(pieces) == 0, fields); err != nil {
		return err
	}
	for i, piece := range pieces {
		if err := c.framer.WriteData(c.stream, i == len(pieces)-1, piece); err != nil {
			return err
		}
	}
	return nil
}

// call is an exchange of one whole request.
func (s *suite) call(name string, judge func(r *response) error, fields []field, pieces ...[]byte) {
	s.exchange(name, func(c *rawConnection) error { return sendCall(c, fields, pieces...) }, judge)
}

// failsWith wants a grpc-status of one of these, Trailers-Only or with an HTTP status above 399.
func failsWith(codes ...string) func(r *response) error {
	return func(r *response) error {
		if slices.Contains(codes, r.get("grpc-status")) {
			return nil
		}
		return fmt.Errorf("got %v, want grpc-status of %v", r, codes)
	}
}

// isReset wants RST_STREAM with this code.
func isReset(code http2.ErrCode) func(r *response) error {
	return func(r *response) error {
		if r.reset != nil && *r.reset == code {
			return nil
		}
		return fmt.Errorf("got %v, want RST_STREAM(%v)", r, code)
	}
}

func eitherOf(judges ...func(r *response) error) func(r *response) error {
	return func(r *response) error {
		var failures []string
		for _, judge := range judges {
			err := judge(r)
			if err == nil {
				return nil
			}
			failures = append(failures, err.Error())
		}
		return fmt.Errorf("%s", strings.Join(failures, "; and "))
	}
}

func hasStatus(want string) func(r *response) error {
	return func(r *response) error {
		if got := r.header[":status"]; len(got) != 1 || got[0] != want {
			return fmt.Errorf("got %v, want :status %s", r, want)
		}
		return nil
	}
}

const (
	statusInternal         = "13"
	statusDeadlineExceeded = "4"
	statusUnimplemented    = "12"
	statusUnknown          = "2"
)

func (s *suite) checkRawRequests() {
	hello := func(r *response) error { return s.wantHello(r, "raw") }
	body := framed(0, "raw")
	s.call("plain", hello, request(), body)
	s.call("without te", hello, request(field{Name: "te"}), body)
	s.call("with a user agent", hello, request(field{Name: "user-agent", Value: "grpc-raw/1.0"}), body)
	s.call("with an unknown grpc- header", hello, request(field{Name: "grpc-future", Value: "x"}), body)
	s.call("content-type with +proto", func(r *response) error {
		if got := r.header["content-type"]; len(got) != 1 || !strings.HasPrefix(got[0], "application/grpc") {
			return fmt.Errorf("content-type is %q", got)
		}
		return hello(r)
	}, request(field{Name: "content-type", Value: "application/grpc+proto"}), body)
	s.call("content-type text/plain", hasStatus("415"),
		request(field{Name: "content-type", Value: "text/plain"}), body)
	s.call("content-type application/grpcx", hasStatus("415"),
		request(field{Name: "content-type", Value: "application/grpcx"}), body)
	s.call("GET", eitherOf(hasStatus("405"), failsWith(statusInternal, statusUnknown, statusUnimplemented),
		isReset(http2.ErrCodeProtocol)), request(field{Name: ":method", Value: "GET"}))

	deadline := failsWith(statusDeadlineExceeded)
	for _, past := range []string{"0n", "0S", "0H", "00000000m"} {
		s.call("deadline already past: "+past, eitherOf(deadline, isReset(http2.ErrCodeCancel)),
			request(field{Name: "grpc-timeout", Value: past}), body)
	}
	for _, good := range []string{"1H", "99999999H", "10S", "99999999n", "5000m"} {
		s.call("deadline "+good, hello, request(field{Name: "grpc-timeout", Value: good}), body)
	}
	for _, bad := range []string{"5", "S", "5X", "123456789S", "-1S", "1.5S"} {
		s.call("malformed deadline "+bad, eitherOf(failsWith(statusInternal), isReset(http2.ErrCodeProtocol)),
			request(field{Name: "grpc-timeout", Value: bad}), body)
	}
	for _, path := range []string{
		"helloworld.Greeter/SayHello", "/helloworld.Greeter", "/", "/helloworld.Greeter/", "//SayHello",
		"/helloworld.Greeter/SayHello/more",
	} {
		s.call("path "+path, eitherOf(failsWith(statusUnimplemented), isReset(http2.ErrCodeProtocol)),
			request(field{Name: ":path", Value: path}), body)
	}
}

func (s *suite) checkRawMessages() {
	hello := func(r *response) error { return s.wantHello(r, "raw") }
	body := framed(0, "raw")
	octets := make([][]byte, len(body))
	for i := range body {
		octets[i] = body[i : i+1]
	}
	s.call("a DATA frame for every octet", hello, request(), octets...)
	s.call("empty DATA frames between", hello, request(), nil, body[:3], nil, body[3:], nil)
	s.exchange("padded DATA", func(c *rawConnection) error {
		if err := c.sendHeaders(false, request()); err != nil {
			return err
		}
		return c.framer.WriteDataPadded(c.stream, true, body, make([]byte, 100))
	}, hello)
	s.exchange("header block in four CONTINUATION frames", sendInContinuations, hello)
	s.exchange("PING before the call", func(c *rawConnection) error {
		if err := c.framer.WritePing(false, [8]byte{1, 2, 3}); err != nil {
			return err
		}
		return sendCall(c, request(), body)
	}, hello)
	s.exchange("PRIORITY and an unknown frame before the call", func(c *rawConnection) error {
		if err := c.framer.WritePriority(1, http2.PriorityParam{Weight: 15}); err != nil {
			return err
		}
		if err := c.framer.WriteRawFrame(0xee, 0, 0, []byte("whatever")); err != nil {
			return err
		}
		return sendCall(c, request(), body)
	}, hello)
	s.exchange("the stream before was reset", func(c *rawConnection) error {
		if err := sendCall(c, request(), body[:4], body[4:6]); err != nil {
			return err
		}
		if err := c.framer.WriteRSTStream(c.stream, http2.ErrCodeCancel); err != nil {
			return err
		}
		return sendCall(c, request(), body)
	}, hello)

	internal := failsWith(statusInternal)
	s.call("stream ends inside a prefix", internal, request(), body[:3])
	s.call("stream ends inside a message", internal, request(), body[:len(body)-1])
	s.call("flag 2", internal, request(), framed(2, "raw"))
	s.call("compressed flag without an encoding", internal, request(), framed(1, "raw"))
	s.call("unknown encoding", func(r *response) error {
		if listed := r.get("grpc-accept-encoding"); strings.Contains(listed, "snail") {
			return fmt.Errorf("grpc-accept-encoding lists what was refused: %q", listed)
		}
		return failsWith(statusUnimplemented)(r)
	}, request(field{Name: "grpc-encoding", Value: "snail"}), framed(1, "raw"))
	s.call("bytes that are no protobuf", internal, request(), prefixed(0, []byte{0x0a, 0xff, 0xff}))
	s.call("unknown fields in the message", hello, request(),
		prefixed(0, append([]byte{0x0a, 3}, "raw\x98\x06\x2a\xa2\x06\x01x"...)))
}

// sendInContinuations cuts the header block: one octet, nothing, one octet, and the rest.
func sendInContinuations(c *rawConnection) error {
	block, err := c.nextBlock(request())
	if err != nil {
		return err
	}
	err = c.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: c.stream, BlockFragment: block[:1]})
	for _, cut := range [][2]int{{1, 1}, {1, 2}, {2, 20}, {20, len(block)}} {
		if err != nil {
			return err
		}
		err = c.framer.WriteContinuation(c.stream, cut[1] == len(block), block[cut[0]:cut[1]])
	}
	if err != nil {
		return err
	}
	return c.framer.WriteData(c.stream, true, framed(0, "raw"))
}
