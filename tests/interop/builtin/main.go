// Asks a server for its health as grpc_health_probe does, for its descriptors by the older
// reflection, and for its channelz, with the classes that grpc-go has for them.
//
//	builtin -target 127.0.0.1:50051 health SERVICE      SERVING, or the code
//	builtin -target ... watch SERVICE N                 the first N statuses, a line each
//	builtin -target ... list-health
//	builtin -target ... v1alpha SYMBOL                  the files that describe it, a line each
//	builtin -target ... channelz                        what it counts, in JSON
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"sort"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/channelz/grpc_channelz_v1"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

const timeout = 20 * time.Second

func main() {
	target := flag.String("target", "", "address of the server")
	flag.Parse()
	connection, err := grpc.NewClient(*target, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		fail(err)
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	switch flag.Arg(0) {
	case "health":
		checkHealth(ctx, connection, flag.Arg(1))
	case "watch":
		watchHealth(ctx, connection, flag.Arg(1), flag.Arg(2))
	case "list-health":
		listHealth(ctx, connection)
	case "v1alpha":
		askV1Alpha(ctx, connection, flag.Arg(1))
	case "channelz":
		askChannelz(ctx, connection)
	default:
		fmt.Fprintln(os.Stderr, "builtin: say health, watch, list-health, v1alpha or channelz")
		os.Exit(64)
	}
}

func fail(err error) {
	fmt.Println(status.Code(err))
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func checkHealth(ctx context.Context, connection *grpc.ClientConn, service string) {
	reply, err := grpc_health_v1.NewHealthClient(connection).Check(ctx,
		&grpc_health_v1.HealthCheckRequest{Service: service})
	if err != nil {
		fail(err)
	}
	fmt.Println(reply.Status)
}

func watchHealth(ctx context.Context, connection *grpc.ClientConn, service, count string) {
	wanted, err := strconv.Atoi(count)
	if err != nil {
		fail(err)
	}
	watch, err := grpc_health_v1.NewHealthClient(connection).Watch(ctx,
		&grpc_health_v1.HealthCheckRequest{Service: service})
	if err != nil {
		fail(err)
	}
	for i := 0; i < wanted; i++ {
		reply, err := watch.Recv()
		if err != nil {
			fail(err)
		}
		fmt.Println(reply.Status)
	}
}

func listHealth(ctx context.Context, connection *grpc.ClientConn) {
	reply, err := grpc_health_v1.NewHealthClient(connection).List(ctx,
		&grpc_health_v1.HealthListRequest{})
	if err != nil {
		fail(err)
	}
	var lines []string
	for service, each := range reply.Statuses {
		lines = append(lines, fmt.Sprintf("%q %s", service, each.Status))
	}
	sort.Strings(lines)
	for _, line := range lines {
		fmt.Println(line)
	}
}

func askV1Alpha(ctx context.Context, connection *grpc.ClientConn, symbol string) {
	stream, err := grpc_reflection_v1alpha.NewServerReflectionClient(connection).ServerReflectionInfo(ctx)
	if err != nil {
		fail(err)
	}
	err = stream.Send(&grpc_reflection_v1alpha.ServerReflectionRequest{
		MessageRequest: &grpc_reflection_v1alpha.ServerReflectionRequest_FileContainingSymbol{
			FileContainingSymbol: symbol}})
	if err != nil {
		fail(err)
	}
	reply, err := stream.Recv()
	if err != nil {
		fail(err)
	}
	if wrong := reply.GetErrorResponse(); wrong != nil {
		fmt.Println("error", wrong.ErrorCode)
		return
	}
	for _, octets := range reply.GetFileDescriptorResponse().FileDescriptorProto {
		var file descriptorpb.FileDescriptorProto
		if err := proto.Unmarshal(octets, &file); err != nil {
			fail(err)
		}
		fmt.Println(file.GetName())
	}
}

// The servers, their sockets, and each of these: one JSON text a line.
func askChannelz(ctx context.Context, connection *grpc.ClientConn) {
	client := grpc_channelz_v1.NewChannelzClient(connection)
	servers, err := client.GetServers(ctx, &grpc_channelz_v1.GetServersRequest{})
	if err != nil {
		fail(err)
	}
	print(servers)
	for _, server := range servers.Server {
		var start int64
		for {
			sockets, err := client.GetServerSockets(ctx, &grpc_channelz_v1.GetServerSocketsRequest{
				ServerId: server.Ref.ServerId, StartSocketId: start, MaxResults: 1})
			if err != nil {
				fail(err)
			}
			for _, ref := range sockets.SocketRef {
				socket, err := client.GetSocket(ctx,
					&grpc_channelz_v1.GetSocketRequest{SocketId: ref.SocketId})
				if err != nil {
					fail(err)
				}
				print(socket)
				start = ref.SocketId + 1
			}
			if sockets.End {
				break
			}
		}
	}
}

func print(message proto.Message) {
	text, err := protojson.Marshal(message)
	if err != nil {
		fail(err)
	}
	fmt.Println(string(text))
}
