// The rooms, entered by real clients whose handlers are on different shards.
#include "penstock/examples/chat/rooms.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "penstock/client/main_shard.h"
#include "penstock/server/server.h"

#include "examples/chat/chat.client.h"

namespace chat {
namespace {

using penstock::MakeStatus;
using penstock::OkStatus;
using penstock::Status;
using penstock::StatusCode;
using penstock::Task;
using penstock::Try;
using penstock::client::Channel;
using penstock::client::ChannelOptions;
using penstock::client::MainShard;

std::string TextOf(const Heard& heard) {
  switch (heard.what_case()) {
    case Heard::kPresent: {
      std::string text = "present:";
      for (const std::string_view name : heard.present().names()) text.append(" ").append(name);
      return text;
    }
    case Heard::kLine:
      return std::string(heard.line().name()) + ": " + std::string(heard.line().text());
    case Heard::kEntered: return "+" + std::string(heard.entered());
    case Heard::kLeft: return "-" + std::string(heard.left());
    case Heard::kMissed: return "missed " + std::to_string(heard.missed());
    case Heard::WHAT_NOT_SET: break;
  }
  return "nothing";
}

// A client with a connection of its own, and so on the shard with the fewest. Each of its methods
// turns the main shard until it is done.
class Guest {
 public:
  Guest(MainShard* main_shard, const std::string& address,
        const ChannelOptions& options = ChannelOptions())
      : main_shard_(*main_shard),
        channel_(&main_shard->shard(), address, options),
        talk_(ChatClient(&channel_).Talk(main_shard->scope())) {}

  void Enter(std::string_view room, std::string_view name) {
    Said said;
    said.mutable_enter()->set_room(room);
    said.mutable_enter()->set_name(name);
    Write(said);
  }
  void Say(std::string_view text) {
    Said said;
    said.set_text(text);
    Write(said);
  }
  // What it hears next, in one line; "end" or the status at the end of the call.
  std::string Hear() {
    std::string text;
    const Status status = main_shard_.Run(Hear(talk_, &text));
    return status.ok() ? text : absl::StatusCodeToString(status.code());
  }
  void End() { talk_.CloseWrites(); }
  std::string shard() const {
    return std::string(talk_.initial_metadata().Get("x-shard").value_or(""));
  }

 private:
  using Talk = penstock::client::Duplex<Said, Heard>;

  static Task<Status> Hear(Talk& talk, std::string* text) {
    const Heard* heard = co_await Try(co_await talk.Next());
    *text = heard == nullptr ? "end" : TextOf(*heard);
    co_return OkStatus();
  }
  static Task<Status> Write(Talk& talk, const Said& said) { co_return co_await talk.Write(said); }
  void Write(const Said& said) {
    const Status status = main_shard_.Run(Write(talk_, said));
    EXPECT_TRUE(status.ok()) << status;
  }

  MainShard& main_shard_;
  Channel channel_;
  Talk talk_;
};

struct TellShard {
  Status Before(penstock::Call& call) const {
    (void)call.initial_metadata().Add("x-shard", std::to_string(call.shard().index()));
    return OkStatus();
  }
};

class RoomsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server_.Add<Rooms>();
    server_.registry().Intercept(TellShard());
    const Status status = server_.Start();
    ASSERT_TRUE(status.ok()) << status;
  }
  static penstock::ServerOptions TwoShards() {
    penstock::ServerOptions options;
    options.listen = {"127.0.0.1:0"};
    options.shards = 2;
    options.stream_unsent_bytes_max = 1'000;
    return options;
  }
  const std::string& address() const { return server_.addresses().front(); }

  penstock::Server server_{TwoShards()};
  MainShard main_shard_;
};

TEST_F(RoomsTest, ClientsOfDifferentShardsHearEachOther) {
  Guest ada(&main_shard_, address());
  ada.Enter("lobby", "ada");
  EXPECT_EQ(ada.Hear(), "present:");
  Guest bob(&main_shard_, address());
  bob.Enter("lobby", "bob");
  EXPECT_EQ(bob.Hear(), "present: ada");
  EXPECT_NE(ada.shard(), bob.shard());
  EXPECT_EQ(ada.Hear(), "+bob");
  ada.Say("hello");
  EXPECT_EQ(bob.Hear(), "ada: hello");
  bob.Say("hello yourself");
  EXPECT_EQ(ada.Hear(), "bob: hello yourself");
}

TEST_F(RoomsTest, RoomsDoNotHearEachOther) {
  Guest ada(&main_shard_, address());
  ada.Enter("lobby", "ada");
  EXPECT_EQ(ada.Hear(), "present:");
  Guest bob(&main_shard_, address());
  bob.Enter("attic", "bob");
  EXPECT_EQ(bob.Hear(), "present:");
  bob.Say("unheard");
  Guest eve(&main_shard_, address());
  eve.Enter("lobby", "eve");
  EXPECT_EQ(ada.Hear(), "+eve");
}

TEST_F(RoomsTest, WhoGoesIsMissedHoweverHeGoes) {
  Guest ada(&main_shard_, address());
  ada.Enter("lobby", "ada");
  EXPECT_EQ(ada.Hear(), "present:");
  {
    Guest bob(&main_shard_, address());
    bob.Enter("lobby", "bob");
    EXPECT_EQ(bob.Hear(), "present: ada");
    bob.End();
    EXPECT_EQ(bob.Hear(), "end");
    Guest eve(&main_shard_, address());
    eve.Enter("lobby", "eve");
    EXPECT_EQ(eve.Hear(), "present: ada");
  }  // and her call is dropped
  for (const char* want : {"+bob", "-bob", "+eve", "-eve"}) EXPECT_EQ(ada.Hear(), want);
}

TEST_F(RoomsTest, ANameIsFreeOnceItsBearerHasGone) {
  Guest ada(&main_shard_, address());
  ada.Enter("lobby", "ada");
  EXPECT_EQ(ada.Hear(), "present:");
  Guest other(&main_shard_, address());
  other.Enter("lobby", "ada");
  EXPECT_EQ(other.Hear(), "ALREADY_EXISTS");
  ada.End();
  EXPECT_EQ(ada.Hear(), "end");
  Guest next(&main_shard_, address());
  next.Enter("lobby", "ada");
  EXPECT_EQ(next.Hear(), "present:");
}

TEST_F(RoomsTest, RefusesWhatIsOutOfOrder) {
  const std::string long_name(Rooms::kNameBytesMax + 1, 'x');
  const std::string long_text(Rooms::kTextBytesMax + 1, 'x');
  const struct {
    const char* name;
    void (*says)(Guest& guest, const std::string& long_name, const std::string& long_text);
  } cases[] = {
      {"a text first",
       [](Guest& guest, const std::string&, const std::string&) { guest.Say("hello"); }},
      {"nothing at all", [](Guest& guest, const std::string&, const std::string&) { guest.End(); }},
      {"no room",
       [](Guest& guest, const std::string&, const std::string&) { guest.Enter("", "x"); }},
      {"a long name", [](Guest& guest, const std::string& name,
                         const std::string&) { guest.Enter("lobby", name); }},
      {"entering twice",
       [](Guest& guest, const std::string&, const std::string&) {
         guest.Enter("lobby", "x");
         EXPECT_EQ(guest.Hear(), "present:");
         guest.Enter("lobby", "y");
       }},
      {"a long text",
       [](Guest& guest, const std::string&, const std::string& text) {
         guest.Enter("lobby", "z");
         EXPECT_EQ(guest.Hear().substr(0, 8), "present:");
         guest.Say(text);
       }},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    Guest guest(&main_shard_, address());
    each.says(guest, long_name, long_text);
    EXPECT_EQ(guest.Hear(), "INVALID_ARGUMENT");
  }
}

// ada does not read, eve does; what ada has lost is counted, and the newest is there.
TEST_F(RoomsTest, ASlowReaderHoldsUpNobodyAndMissesTheOldest) {
  constexpr int kLinesCount = 200;
  ChannelOptions narrow;
  narrow.http2.stream_window_bytes = 65'535;
  Guest ada(&main_shard_, address(), narrow);
  ada.Enter("lobby", "ada");
  EXPECT_EQ(ada.Hear(), "present:");
  Guest bob(&main_shard_, address());
  bob.Enter("lobby", "bob");
  EXPECT_EQ(bob.Hear(), "present: ada");
  Guest eve(&main_shard_, address());
  eve.Enter("lobby", "eve");
  EXPECT_EQ(eve.Hear(), "present: ada bob");
  const std::string filling(Rooms::kTextBytesMax - 10, '.');
  for (int line = 0; line < kLinesCount; ++line) {
    bob.Say(std::to_string(line) + filling);
    EXPECT_EQ(eve.Hear(), "bob: " + std::to_string(line) + filling);
  }
  EXPECT_EQ(ada.Hear(), "+bob");
  EXPECT_EQ(ada.Hear(), "+eve");
  int next_line = 0;
  int missed_count = 0;
  while (next_line < kLinesCount) {
    const std::string heard = ada.Hear();
    if (heard.starts_with("missed ")) {
      missed_count = std::stoi(heard.substr(7));
      next_line += missed_count;
    } else {
      ASSERT_EQ(heard, "bob: " + std::to_string(next_line) + filling);
      ++next_line;
    }
  }
  EXPECT_GT(missed_count, 0);
  EXPECT_LE(missed_count, kLinesCount - static_cast<int>(Rooms::kUnheardMax));
}

}  // namespace
}  // namespace chat
