// Serves chat.Chat: rooms in which clients talk to each other, whatever shards they are on.
//
//     bazel run --config=opt //examples/chat:server -- --listen 127.0.0.1:50051
#include "penstock/examples/chat/rooms.h"
#include "penstock/server/server_main.h"

int main(int argc, char** argv) {
  return penstock::ServerMain(argc, argv,
                              [](penstock::Server& server) { server.Add<chat::Rooms>(); });
}
