package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/grpc/examples/helloworld/helloworld"
	"google.golang.org/protobuf/proto"
)

type field = hpack.HeaderField

// rawConnection speaks HTTP/2 frame by frame: what no gRPC library would send.
type rawConnection struct {
	net.Conn
	framer  *http2.Framer
	encoder *hpack.Encoder
	block   bytes.Buffer
	stream  uint32
}

func (s *suite) connectRaw() (*rawConnection, error) {
	conn, err := net.DialTimeout("tcp", s.target, 10*time.Second)
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return nil, err
	}
	c := &rawConnection{Conn: conn, framer: http2.NewFramer(conn, conn)}
	c.framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	c.encoder = hpack.NewEncoder(&c.block)
	if _, err := conn.Write([]byte(http2.ClientPreface)); err != nil {
		return nil, err
	}
	return c, c.framer.WriteSettings()
}

// request is the header every gRPC call has, with some fields replaced ("" drops one).
func request(replaced ...field) []field {
	fields := []field{
		{Name: ":method", Value: "POST"},
		{Name: ":scheme", Value: "http"},
		{Name: ":path", Value: helloworld.Greeter_SayHello_FullMethodName},
		{Name: ":authority", Value: "interop.test"},
		{Name: "te", Value: "trailers"},
		{Name: "content-type", Value: "application/grpc"},
	}
	for _, r := range replaced {
		found := false
		for i := range fields {
			if fields[i].Name == r.Name {
				fields[i].Value, found = r.Value, true
			}
		}
		if !found {
			fields = append(fields, r)
		}
	}
	kept := fields[:0]
	for _, f := range fields {
		if f.Value != "" {
			kept = append(kept, f)
		}
	}
	return kept
}

// nextBlock takes the next stream's number and encodes its header.
func (c *rawConnection) nextBlock(fields []field) ([]byte, error) {
	c.stream += 1 + c.stream%2 // the next odd number
	c.block.Reset()
	for _, f := range fields {
		if err := c.encoder.WriteField(f); err != nil {
			return nil, err
		}
	}
	return c.block.Bytes(), nil
}

// sendHeaders opens the next stream.
func (c *rawConnection) sendHeaders(endStream bool, fields []field) error {
	block, err := c.nextBlock(fields)
	if err != nil {
		return err
	}
	return c.framer.WriteHeaders(http2.HeadersFrameParam{
		StreamID: c.stream, BlockFragment: block, EndHeaders: true, EndStream: endStream,
	})
}

// response is what came back on the newest stream.
type response struct {
	header  map[string][]string
	trailer map[string][]string
	body    []byte
	reset   *http2.ErrCode
	goAway  *http2.ErrCode
}

func (r *response) get(key string) string {
	for _, fields := range []map[string][]string{r.trailer, r.header} {
		if values := fields[key]; len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

func (r *response) String() string {
	text := fmt.Sprintf("header %v, trailer %v, %d octets", r.header, r.trailer, len(r.body))
	if r.reset != nil {
		text += fmt.Sprintf(", RST_STREAM(%v)", *r.reset)
	}
	if r.goAway != nil {
		text += fmt.Sprintf(", GOAWAY(%v)", *r.goAway)
	}
	return text
}

func collect(frame *http2.MetaHeadersFrame) map[string][]string {
	fields := map[string][]string{}
	for _, f := range frame.Fields {
		fields[f.Name] = append(fields[f.Name], f.Value)
	}
	return fields
}

// receive reads until the newest stream has ended, by END_STREAM, RST_STREAM or GOAWAY.
func (c *rawConnection) receive() (*response, error) {
	r := &response{}
	for {
		frame, err := c.framer.ReadFrame()
		if err != nil {
			return r, fmt.Errorf("no whole response (%v): %w", r, err)
		}
		switch f := frame.(type) {
		case *http2.SettingsFrame:
			if !f.IsAck() {
				if err := c.framer.WriteSettingsAck(); err != nil {
					return r, err
				}
			}
		case *http2.GoAwayFrame:
			code := f.ErrCode
			r.goAway = &code
			return r, nil
		case *http2.RSTStreamFrame:
			if f.StreamID == c.stream {
				code := f.ErrCode
				r.reset = &code
				return r, nil
			}
		case *http2.DataFrame:
			if f.StreamID == c.stream {
				r.body = append(r.body, f.Data()...)
				if f.StreamEnded() {
					return r, nil
				}
			}
		case *http2.MetaHeadersFrame:
			if f.StreamID != c.stream {
				continue
			}
			if r.header == nil {
				r.header = collect(f)
			} else {
				r.trailer = collect(f)
			}
			if f.StreamEnded() {
				return r, nil
			}
		}
	}
}

// framed is a HelloRequest behind its prefix.
func framed(flag byte, name string) []byte {
	message, err := proto.Marshal(&helloworld.HelloRequest{Name: name})
	if err != nil {
		panic(err) // a string that is not UTF-8: a bug of the check
	}
	return prefixed(flag, message)
}

func prefixed(flag byte, message []byte) []byte {
	prefix := make([]byte, 5, 5+len(message))
	prefix[0] = flag
	binary.BigEndian.PutUint32(prefix[1:], uint32(len(message)))
	return append(prefix, message...)
}

// wantHello checks a whole good response.
func (s *suite) wantHello(r *response, name string) error {
	message, err := proto.Marshal(&helloworld.HelloReply{Message: s.expect.replyPrefix + name})
	if err != nil {
		return err
	}
	switch {
	case r.reset != nil || r.goAway != nil || r.header == nil:
		return fmt.Errorf("got %v, want a reply", r)
	case strings.Join(r.header[":status"], " ") != "200":
		return fmt.Errorf(":status is %q", r.header[":status"])
	case strings.Join(r.trailer["grpc-status"], " ") != "0":
		return fmt.Errorf("grpc-status is %q, in %v", r.trailer["grpc-status"], r)
	case !bytes.Equal(r.body, prefixed(0, message)):
		return errors.New("the reply's octets differ")
	}
	return nil
}
