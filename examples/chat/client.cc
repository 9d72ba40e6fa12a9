// Talks in a room: what is typed is said there, line by line, and what others say is printed. Ends
// with its input, or with Ctrl-C.
//
//     bazel run //examples/chat:client -- --room lobby --name ada
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <utility>

#include "penstock/client/main_shard.h"
#include "penstock/examples/chat/lines.h"
#include "penstock/examples/client_program/client_program.h"
#include "penstock/rpc/task_group.h"

#include "examples/chat/chat.client.h"

namespace chat {
namespace {

using penstock::CallScope;
using penstock::OkStatus;
using penstock::Status;
using penstock::StatusCode;
using penstock::Task;
using penstock::TaskGroup;
using penstock::Try;
using penstock::examples::Printable;

using Talk = penstock::client::Duplex<Said, Heard>;

constexpr char kProgram[] = "chat";

struct Options {
  std::string server;
  std::string room = "lobby";
  std::string name;
};

// Others hear it at once, and so does who reads the output through a pipe.
void Print(const std::string& line) {
  std::printf("%s\n", Printable(line).c_str());
  std::fflush(stdout);
}

void PrintPresent(const Options& options, const Present& present) {
  std::string others;
  for (const std::string_view name : present.names()) {
    others += (others.empty() ? " with " : ", ") + std::string(name);
  }
  Print("* you are in " + options.room + (others.empty() ? ", alone" : others));
}

void Show(const Options& options, const Heard& heard) {
  switch (heard.what_case()) {
    case Heard::kPresent: return PrintPresent(options, heard.present());
    case Heard::kLine:
      return Print(std::string(heard.line().name()) + ": " + std::string(heard.line().text()));
    case Heard::kEntered: return Print("* " + std::string(heard.entered()) + " has come");
    case Heard::kLeft: return Print("* " + std::string(heard.left()) + " has gone");
    case Heard::kMissed:
      return Print("* you were too slow for " + std::to_string(heard.missed()) + " lines");
    case Heard::WHAT_NOT_SET: return;  // of a newer server
  }
}

// Up to the end of what is typed. Lives as long as the group, and `talk` and `lines` longer.
Task<Status> SayWhatIsTyped(CallScope& group, Lines& lines, Talk& talk) {
  Said said;
  while (std::optional<std::string> line = co_await Try(co_await lines.Next(group))) {
    said.set_text(*line);
    co_await Try(co_await talk.Write(said));
  }
  talk.CloseWrites();
  co_return OkStatus();
}

// All that is given outlives it.
Task<Status> TalkInRoom(CallScope& scope, const ChatClient& chat, const Options& options,
                        Lines& lines) {
  Talk talk = chat.Talk(scope);
  Said enter;
  enter.mutable_enter()->set_room(options.room);
  enter.mutable_enter()->set_name(options.name);
  co_await Try(co_await talk.Write(enter));
  // How the call ends is what Next() answers; whoever says something when it has ended is stopped.
  TaskGroup saying(scope);
  co_await Try(co_await saying.Start(SayWhatIsTyped(saying, lines, talk)));
  while (const Heard* heard = co_await Try(co_await talk.Next())) Show(options, *heard);
  co_return OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app{"Talks in a room of chat.Chat.", kProgram};
  Options options;
  penstock::examples::AddServerFlag(app, &options.server);
  app.add_option("--room", options.room, "which room to enter")
      ->type_name("ROOM")
      ->capture_default_str();
  app.add_option("--name", options.name, "who you are there")->type_name("NAME")->required();
  if (const auto status = penstock::examples::ParseCommandLine(app, argc, argv)) return *status;

  penstock::client::MainShard main_shard;
  main_shard.CancelOnSignals();
  Lines lines(&main_shard.scope(), STDIN_FILENO);
  penstock::client::Channel channel(&main_shard.shard(), options.server);
  const ChatClient chat(&channel);
  const Status status = main_shard.Run(TalkInRoom(main_shard.scope(), chat, options, lines));
  if (status.ok() || main_shard.scope().cancelled()) return penstock::examples::kExitOk;
  return penstock::examples::ReportFailure(kProgram, status);
}

}  // namespace
}  // namespace chat

int main(int argc, char** argv) { return chat::Main(argc, argv); }
