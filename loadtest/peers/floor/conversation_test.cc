#include "penstock/loadtest/peers/floor/conversation.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "penstock/loadtest/peers/floor/copier.h"
#include "penstock/loadtest/peers/floor/replies.h"
#include "penstock/wire/endian.h"
#include "penstock/wire/testing/any_split.h"

namespace penstock::loadtest::floor {
namespace {

using http2::FrameType;
using namespace std::string_view_literals;

constexpr uint8_t kAck = http2::flags::kAck;
constexpr uint8_t kEndStream = http2::flags::kEndStream;
constexpr uint8_t kEndHeaders = http2::flags::kEndHeaders;

std::string Frame(FrameType type, uint8_t flags, uint32_t stream_id, std::string_view payload) {
  std::string frame(http2::kFrameHeaderBytes, '\0');
  http2::StoreFrameHeader(reinterpret_cast<uint8_t*>(frame.data()),
                          {static_cast<uint32_t>(payload.size()), type, flags, stream_id});
  return frame.append(payload);
}

// "HEADERS+4 on 1, 22 octets; DATA+0 on 1, 18 octets": flags behind the plus sign.
std::string Describe(wire::Bytes octets) {
  std::string text;
  while (octets.size() >= http2::kFrameHeaderBytes) {
    const http2::FrameHeader header = http2::LoadFrameHeader(octets.data());
    octets = octets.subspan(http2::kFrameHeaderBytes);
    if (octets.size() < header.payload_bytes) return text + "a frame that is cut short";
    octets = octets.subspan(header.payload_bytes);
    text += std::to_string(static_cast<int>(header.type)) + "+" + std::to_string(header.flags) +
            " on " + std::to_string(header.stream_id) + ", " +
            std::to_string(header.payload_bytes) + "; ";
  }
  return octets.empty() ? text : text + "a header that is cut short";
}

std::string Request(uint32_t stream_id) {
  return Frame(FrameType::kHeaders, kEndHeaders, stream_id, "\x82\x86") +
         Frame(FrameType::kData, kEndStream, stream_id, "\0\0\0\0\x07\x0a\x05world"sv);
}

std::string Start(std::string_view settings) {
  return std::string(http2::kClientPreface) + Frame(FrameType::kSettings, 0, 0, settings);
}

struct Case {
  const char* name;
  std::string received;
  const char* want;  // behind our own SETTINGS and WINDOW_UPDATE
};

TEST(Conversation, AnswersHoweverTheOctetsAreCut) {
  const std::string start = Start("");
  const std::vector<Case> cases = {
      {"the settings are acknowledged", start, "4+1 on 0, 0; "},
      {"an acknowledgement is not", start + Frame(FrameType::kSettings, kAck, 0, ""),
       "4+1 on 0, 0; "},
      {"a request", start + Request(1),
       "4+1 on 0, 0; 1+4 on 1, 19; 0+0 on 1, 18; 1+5 on 1, 15; "},
      {"the second one finds its fields in the table", start + Request(1) + Request(3),
       "4+1 on 0, 0; 1+4 on 1, 19; 0+0 on 1, 18; 1+5 on 1, 15; "
       "1+4 on 3, 2; 0+0 on 3, 18; 1+5 on 3, 1; "},
      {"a client without a table gets literals",
       Start("\0\x01\0\0\0\0"sv) + Request(1) + Request(3),
       "4+1 on 0, 0; 1+4 on 1, 21; 0+0 on 1, 18; 1+5 on 1, 16; "
       "1+4 on 3, 21; 0+0 on 3, 18; 1+5 on 3, 16; "},
      {"a request without a body",
       start + Frame(FrameType::kHeaders, kEndHeaders | kEndStream, 1, "\x82"),
       "4+1 on 0, 0; 1+4 on 1, 19; 0+0 on 1, 18; 1+5 on 1, 15; "},
      {"an end in an empty frame",
       start + Frame(FrameType::kHeaders, kEndHeaders, 1, "\x82") +
           Frame(FrameType::kData, 0, 1, "abc") + Frame(FrameType::kData, kEndStream, 1, ""),
       "4+1 on 0, 0; 1+4 on 1, 19; 0+0 on 1, 18; 1+5 on 1, 15; "},
      {"half a request", start + Frame(FrameType::kHeaders, kEndHeaders, 1, "\x82"),
       "4+1 on 0, 0; "},
      {"a ping comes back", start + Frame(FrameType::kPing, 0, 0, "12345678"),
       "4+1 on 0, 0; 6+1 on 0, 8; "},
      {"a ping of a wrong size does not", start + Frame(FrameType::kPing, 0, 0, "1234"),
       "4+1 on 0, 0; "},
      {"settings longer than what is kept", Start(std::string(1000, '\xff')), "4+1 on 0, 0; "},
      {"other frames", start + Frame(FrameType::kWindowUpdate, 0, 0, "\0\0\x10\0"sv) +
                           Frame(FrameType::kRstStream, 0, 1, "\0\0\0\x08"sv) +
                           Frame(FrameType::kGoAway, 0, 0, "\0\0\0\0\0\0\0\0"sv),
       "4+1 on 0, 0; "},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.name);
    wire::ForEachSplit(
        wire::AsBytes(test.received), [&](std::span<const wire::Bytes> pieces) {
          Conversation conversation(Mode::kCanned);
          for (const wire::Bytes piece : pieces) conversation.Receive(piece);
          EXPECT_EQ(Describe(conversation.output().bytes()),
                    std::string("4+0 on 0, 6; 8+0 on 0, 4; ") + test.want);
        });
  }
}

TEST(Conversation, CreditsTheConnectionBeforeItsWindowIsUsedUp) {
  Conversation conversation(Mode::kCanned);
  conversation.Receive(wire::AsBytes(Start("")));
  const std::string data = Frame(FrameType::kData, 0, 1, std::string(1 << 20, 'x'));
  for (int i = 0; i < 1023; ++i) conversation.Receive(wire::AsBytes(data));
  conversation.output().Clear();
  conversation.Receive(wire::AsBytes(data));
  ASSERT_EQ(Describe(conversation.output().bytes()), "8+0 on 0, 4; ");
  EXPECT_EQ(wire::LoadBig32(conversation.output().data() + http2::kFrameHeaderBytes), 1u << 30);
}

// ---- Mode::kCopy

// A conversation behind the client's SETTINGS, and what it says from then on.
class Copying {
 public:
  explicit Copying(std::string_view settings) { Say(Start(settings)); }

  std::string Say(std::string_view octets) {
    conversation_.Receive(wire::AsBytes(octets));
    return Take();
  }
  std::string Continue() {
    conversation_.Continue();
    return Take();
  }
  bool wants_output() const { return conversation_.wants_output(); }
  std::string_view said() const { return said_; }

 private:
  std::string Take() {
    Output& output = conversation_.output();
    said_ = wire::AsString(output.bytes());
    const std::string description = Describe(output.bytes());
    output.Clear();
    return description;
  }

  Conversation conversation_{Mode::kCopy};
  std::string said_;
};

std::string Body(uint32_t stream_id, std::string_view body) {
  return Frame(FrameType::kHeaders, kEndHeaders, stream_id, "\x82") +
         Frame(FrameType::kData, kEndStream, stream_id, body);
}

constexpr std::string_view kWindowOf10 = "\0\x04\0\0\0\x0a"sv;
constexpr std::string_view kCreditOf10 = "\0\0\0\x0a"sv;

TEST(ConversationCopying, AnswersWithTheOctetsOfTheRequest) {
  Copying copying("");
  EXPECT_EQ(copying.Say(Frame(FrameType::kHeaders, kEndHeaders, 1, "\x82") +
                        Frame(FrameType::kData, 0, 1, "abc")),
            "");
  EXPECT_EQ(copying.Say(Frame(FrameType::kData, kEndStream, 1, "de")),
            "1+4 on 1, 21; 0+0 on 1, 5; 1+5 on 1, 16; ");
  EXPECT_NE(copying.said().find("abcde"), std::string_view::npos);
}

TEST(ConversationCopying, AnswersAnEmptyRequest) {
  Copying copying("");
  EXPECT_EQ(copying.Say(Frame(FrameType::kHeaders, kEndHeaders | kEndStream, 1, "\x82")),
            "1+4 on 1, 21; 1+5 on 1, 16; ");
}

TEST(ConversationCopying, WaitsForTheStreamsWindow) {
  Copying copying(kWindowOf10);
  EXPECT_EQ(copying.Say(Body(1, std::string(25, 'x'))), "1+4 on 1, 21; 0+0 on 1, 10; ");
  EXPECT_EQ(copying.Say(Body(3, "short")), "1+4 on 3, 21; 0+0 on 3, 5; 1+5 on 3, 16; ");
  EXPECT_EQ(copying.Say(Frame(FrameType::kWindowUpdate, 0, 1, kCreditOf10)), "0+0 on 1, 10; ");
  // Open streams' windows move with the setting: 0 and 2, as it was 10 and is 12.
  EXPECT_EQ(copying.Say(Frame(FrameType::kSettings, 0, 0, "\0\x04\0\0\0\x0c"sv)),
            "4+1 on 0, 0; 0+0 on 1, 2; ");
  EXPECT_EQ(copying.Say(Frame(FrameType::kWindowUpdate, 0, 1, kCreditOf10)),
            "0+0 on 1, 3; 1+5 on 1, 16; ");
}

TEST(ConversationCopying, WaitsForTheConnectionsWindow) {
  Copying copying("\0\x04\x7f\xff\xff\xff"sv);
  EXPECT_EQ(copying.Say(Body(1, std::string(65'545, 'x'))),
            "1+4 on 1, 21; 0+0 on 1, 16384; 0+0 on 1, 16384; 0+0 on 1, 16384; 0+0 on 1, 16383; ");
  EXPECT_EQ(copying.Say(Frame(FrameType::kWindowUpdate, 0, 0, kCreditOf10)),
            "0+0 on 1, 10; 1+5 on 1, 16; ");
}

TEST(ConversationCopying, SaysNoMoreOnAStreamThatWasReset) {
  Copying copying(kWindowOf10);
  copying.Say(Body(1, std::string(25, 'x')));
  EXPECT_EQ(copying.Say(Frame(FrameType::kRstStream, 0, 1, "\0\0\0\x08"sv)), "");
  EXPECT_EQ(copying.Say(Frame(FrameType::kWindowUpdate, 0, 1, kCreditOf10)), "");
}

TEST(ConversationCopying, WritesNoFurtherAheadOfTheSocketThanItMay) {
  Copying copying("\0\x04\x7f\xff\xff\xff"sv);
  copying.Say(Frame(FrameType::kWindowUpdate, 0, 0, "\x7f\0\0\0"sv));
  copying.Say(Body(1, std::string(Copier::kOutputBytesMax + 1, 'x')));
  EXPECT_TRUE(copying.wants_output());
  const size_t said = copying.said().size();
  EXPECT_GE(said, Copier::kOutputBytesMax);
  EXPECT_LT(said, Copier::kOutputBytesMax + http2::kFrameHeaderBytes + 16'384);
  EXPECT_NE(copying.Continue(), "");
  EXPECT_FALSE(copying.wants_output());
}

TEST(ConversationCopying, CutsWhatIsLongerThanItKeeps) {
  Copying copying("");
  copying.Say(Frame(FrameType::kHeaders, kEndHeaders, 1, "\x82"));
  const std::string piece = Frame(FrameType::kData, 0, 1, std::string(8 << 20, 'x'));
  for (size_t bytes = 0; bytes <= Copier::kBodyBytesMax; bytes += 8 << 20) copying.Say(piece);
  copying.Say(Frame(FrameType::kWindowUpdate, 0, 0, "\x7f\0\0\0"sv));
  copying.Say(Frame(FrameType::kSettings, 0, 0, "\0\x04\x7f\xff\xff\xff"sv));
  copying.Say(Frame(FrameType::kData, kEndStream, 1, ""));
  size_t said_bytes = copying.said().size();
  while (copying.wants_output()) {
    copying.Continue();
    said_bytes += copying.said().size();
  }
  const size_t frames = Copier::kBodyBytesMax / 16'384 + 2;
  EXPECT_EQ(said_bytes, Copier::kBodyBytesMax + frames * http2::kFrameHeaderBytes +
                            kLiteral.head.size() + kLiteral.trailers.size());
}

TEST(Conversation, CountsWholeRequestsOfBothModes) {
  for (const Mode mode : {Mode::kCanned, Mode::kCopy}) {
    Conversation conversation(mode);
    const std::string whole = Start("") + Request(1) + Request(3);
    const std::string half = Request(5).substr(0, 12);
    conversation.Receive(wire::AsBytes(whole + half));
    EXPECT_EQ(conversation.TakeAnswered(), 2u);
    EXPECT_EQ(conversation.TakeAnswered(), 0u);
  }
}

}  // namespace
}  // namespace penstock::loadtest::floor
