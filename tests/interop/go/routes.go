package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/examples/route_guide/routeguide"
)

// More than the windows hold, so that either side has to wait for the other.
const (
	manyPoints = 300_000
	manyNotes  = 300 // each is answered by all before it
)

var crest = &routeguide.Point{Latitude: 360_160_000, Longitude: -1_147_377_000}

// onGuide is a check on a connection of its own, which must serve afterwards.
func (s *suite) onGuide(name string, run func(ctx context.Context, guide routeguide.RouteGuideClient) error) {
	s.check(name, func(ctx context.Context) error {
		c, err := s.connect()
		if err != nil {
			return err
		}
		defer c.Close()
		guide := routeguide.NewRouteGuideClient(c)
		if err := run(ctx, guide); err != nil {
			return err
		}
		feature, err := guide.GetFeature(ctx, crest)
		if err != nil {
			return fmt.Errorf("the connection is not usable afterwards: %w", err)
		}
		if feature.GetName() == "" || feature.GetLocation().GetLatitude() != crest.Latitude {
			return fmt.Errorf("the feature is %v", feature)
		}
		if dials := c.dials.Load(); dials != 1 {
			return fmt.Errorf("the connection was lost: dialled %d times", dials)
		}
		return nil
	})
}

func (s *suite) checkRoutes() {
	s.onGuide("routes: a stream out", listFeatures)
	for _, points := range []int{0, 1, 100, manyPoints} {
		s.onGuide(fmt.Sprintf("routes: a stream in of %d", points),
			func(ctx context.Context, guide routeguide.RouteGuideClient) error {
				return recordRoute(ctx, guide, points)
			})
	}
	s.onGuide("routes: in turns", chatInTurns)
	s.onGuide("routes: both at once", chatAtOnce)
	s.onGuide("routes: the server ends first", serverEndsFirst)
	s.onGuide("routes: cancelled while the server waits", cancelChat)
	s.onGuide("routes: the deadline passes while the server waits", expireChat)
}

func listFeatures(ctx context.Context, guide routeguide.RouteGuideClient) error {
	stream, err := guide.ListFeatures(ctx, &routeguide.Rectangle{
		Lo: &routeguide.Point{Latitude: 460_000_000, Longitude: 70_000_000},
		Hi: &routeguide.Point{Latitude: 462_000_000, Longitude: 75_000_000}})
	if err != nil {
		return err
	}
	for count := 0; ; count++ {
		feature, err := stream.Recv()
		if errors.Is(err, io.EOF) && count == 3 {
			return nil
		}
		if err != nil || feature.GetName() == "" {
			return fmt.Errorf("feature %d is %v: %v", count, feature, err)
		}
	}
}

func recordRoute(ctx context.Context, guide routeguide.RouteGuideClient, points int) error {
	stream, err := guide.RecordRoute(ctx)
	if err != nil {
		return err
	}
	for i := range points {
		if err := stream.Send(&routeguide.Point{Latitude: crest.Latitude, Longitude: crest.Longitude + int32(i%2)}); err != nil {
			return fmt.Errorf("point %d: %w", i, err)
		}
	}
	summary, err := stream.CloseAndRecv()
	if err != nil {
		return err
	}
	if summary.GetPointCount() != int32(points) || summary.GetFeatureCount() != int32(points+1)/2 {
		return fmt.Errorf("the summary is %v", summary)
	}
	return nil
}

// place is one where no other check leaves notes.
func place(check int32) *routeguide.Point {
	return &routeguide.Point{Latitude: check, Longitude: int32(time.Now().UnixNano() & 0x3fffffff)}
}

func chatInTurns(ctx context.Context, guide routeguide.RouteGuideClient) error {
	stream, err := guide.RouteChat(ctx)
	if err != nil {
		return err
	}
	here := place(1)
	for i := range 10 {
		if err := stream.Send(&routeguide.RouteNote{Location: here, Message: fmt.Sprint(i)}); err != nil {
			return err
		}
		for earlier := range i {
			note, err := stream.Recv()
			if err != nil || note.GetMessage() != fmt.Sprint(earlier) {
				return fmt.Errorf("note %d of %d is %v: %v", earlier, i, note, err)
			}
		}
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	if note, err := stream.Recv(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("behind the end comes %v: %v", note, err)
	}
	return nil
}

// Sends without reading, while the answers need windows of their own.
func chatAtOnce(ctx context.Context, guide routeguide.RouteGuideClient) error {
	stream, err := guide.RouteChat(ctx)
	if err != nil {
		return err
	}
	sent := make(chan error, 1)
	note := &routeguide.RouteNote{Location: place(2), Message: strings.Repeat("n", 1000)}
	go func() {
		for range manyNotes {
			if err := stream.Send(note); err != nil {
				sent <- err
				return
			}
		}
		sent <- stream.CloseSend()
	}()
	for count := 0; ; count++ {
		_, err := stream.Recv()
		if errors.Is(err, io.EOF) && count == manyNotes*(manyNotes-1)/2 {
			return <-sent
		}
		if err != nil {
			return fmt.Errorf("after %d notes: %w", count, err)
		}
	}
}

func serverEndsFirst(ctx context.Context, guide routeguide.RouteGuideClient) error {
	stream, err := guide.RouteChat(ctx)
	if err != nil {
		return err
	}
	long := &routeguide.RouteNote{Location: place(3), Message: strings.Repeat("n", 100_000)}
	for err == nil {
		err = stream.Send(long)
	}
	if !errors.Is(err, io.EOF) {
		return fmt.Errorf("sending ends with %w", err)
	}
	_, err = stream.Recv()
	return wantCode(err, codes.InvalidArgument)
}

func cancelChat(ctx context.Context, guide routeguide.RouteGuideClient) error {
	cancelled, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := guide.RouteChat(cancelled)
	if err != nil {
		return err
	}
	if err := stream.Send(&routeguide.RouteNote{Location: place(4), Message: "wait"}); err != nil {
		return err
	}
	cancel()
	_, err = stream.Recv()
	return wantCode(err, codes.Canceled)
}

func expireChat(ctx context.Context, guide routeguide.RouteGuideClient) error {
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	stream, err := guide.RouteChat(short)
	if err != nil {
		return err
	}
	_, err = stream.Recv()
	return wantCode(err, codes.DeadlineExceeded)
}
