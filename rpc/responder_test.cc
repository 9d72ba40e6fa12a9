#include "penstock/rpc/responder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "penstock/http2/workspace.h"
#include "penstock/rpc/status_details.h"
#include "penstock/wire/message_prefix.h"

namespace penstock::rpc {
namespace {

using http2::EndStream;
using http2::Event;
using Fields = std::vector<std::pair<std::string, std::string>>;

// What MessageWriter asks of a message.
struct TextMessage {
  std::string text;
  size_t ByteSize() const { return text.size(); }
  uint8_t* SerializeTo(uint8_t* target) const {
    std::memcpy(target, text.data(), text.size());
    return target + text.size();
  }
};

// A server's connection with a Responder, and the client's that it talks to, joined by memory.
class ResponderTest : public testing::Test {
 protected:
  struct Response {
    Fields head, trailers;
    std::string data;
    bool ended = false;
    int reset_code = -1;
  };

  ResponderTest() { Handshake(); }

  // The client opens a stream; returns the server's end of it.
  http2::Stream& Request(EndStream end = EndStream::kYes) {
    http2::Stream* stream = client_.OpenStream();
    response_ = {};
    stream->user = &response_;
    const http2::OutgoingField fields[] = {
        {":method", "POST"}, {":scheme", "http"}, {":path", "/a.B/C"}};
    client_.SendHead(*stream, fields, end);
    http2::Stream* served = nullptr;
    Move(client_, server_, [&](const Event& event) {
      if (event.kind == Event::Kind::kHead) served = event.stream;
    });
    return *served;
  }

  const Response& Receive() {
    Move(server_, client_, [this](const Event& event) { Record(event); });
    return response_;
  }

  // Lets credit and answers go to and fro until both ends are silent.
  const Response& ReceiveAll() {
    while (server_.has_output() || client_.has_output()) {
      Receive();
      Move(client_, server_, [](const Event&) {});
    }
    return response_;
  }

  wire::SlabPool slabs_;
  wire::Arena arena_{&slabs_};
  http2::Workspace server_workspace_{&slabs_}, client_workspace_{&slabs_};
  http2::Connection server_{http2::Role::kServer, {}, &server_workspace_, {}};
  http2::Connection client_{http2::Role::kClient, {}, &client_workspace_, {}};
  Responder responder_{&server_};
  Response response_;

 private:
  void Handshake() {
    server_.Start(0);
    client_.Start(0);
    ReceiveAll();
  }

  template <typename OnEvent>
  static void Move(http2::Connection& from, http2::Connection& to, OnEvent on_event) {
    std::string bytes;
    while (!from.NextOutput().empty()) {
      wire::Bytes piece;
      from.NextOutput().Gather({&piece, 1});
      bytes.append(wire::AsString(piece));
      from.NextOutput().Consume(piece.size());
    }
    to.Receive(wire::AsBytes(bytes), 0);
    for (Event event = to.NextEvent(); event.kind != Event::Kind::kNone; event = to.NextEvent()) {
      ASSERT_NE(event.kind, Event::Kind::kConnectionError) << event.error.text;
      on_event(event);
    }
  }

  void Record(const Event& event) {
    if (event.stream == nullptr) return;
    const auto fields = [this] {
      Fields copy;
      for (const auto& field : client_.fields()) copy.emplace_back(field.name, field.value);
      return copy;
    };
    if (event.kind == Event::Kind::kHead) response_.head = fields();
    if (event.kind == Event::Kind::kTrailers) response_.trailers = fields();
    if (event.kind == Event::Kind::kData) {
      response_.data.append(wire::AsString(event.data));
      client_.ReturnCredit(*event.stream, static_cast<uint32_t>(event.data.size()));
    }
    if (event.kind == Event::Kind::kStreamReset) {
      response_.reset_code = static_cast<int>(event.error.code);
      event.stream->user = nullptr;
    }
    if (event.end_stream) response_.ended = true;
  }
};

std::string Framed(const std::string& message) {
  std::string bytes(wire::kMessagePrefixBytes, '\0');
  wire::StoreMessagePrefix(reinterpret_cast<uint8_t*>(bytes.data()),
                           {0, static_cast<uint32_t>(message.size())});
  return bytes + message;
}

const Fields kUsualHead = {
    {":status", "200"}, {"content-type", "application/grpc"}, {"server", std::string(kServerName)}};

TEST_F(ResponderTest, UnaryAnswersAreHeadMessageAndTrailers) {
  const TextMessage message{"hello"};
  responder_.SendUnary(Request(), {}, MessageWriter(message), &arena_);
  const Response& response = Receive();
  EXPECT_EQ(response.head, kUsualHead);
  EXPECT_EQ(response.data, Framed("hello"));
  EXPECT_EQ(response.trailers, (Fields{{"grpc-status", "0"}}));
  EXPECT_TRUE(response.ended);
  EXPECT_EQ(response.reset_code, -1);
  EXPECT_EQ(server_.streams_open_count(), 0u);
}

TEST_F(ResponderTest, PreparedBlocksStayRightWhileTheTableChanges) {
  const TextMessage message{"m"};
  for (int i = 0; i < 300; ++i) {
    SCOPED_TRACE(i);
    arena_.Reset();
    if (i % 7 == 3) {  // changes HPACK's table, and forces entries out of it
      responder_.SendStatus(Request(), {}, MakeStatus(StatusCode::kAborted, "x"));
      const std::string value(900, static_cast<char>('a' + i % 26));
      const http2::OutgoingField filler[] = {{":status", "200"}, {"x-filler", value}};
      server_.SendHead(Request(), filler, EndStream::kYes);
      Receive();
    }
    const auto type = i % 3 == 0 ? ContentType::kGrpcProto : ContentType::kGrpc;
    responder_.SendUnary(Request(), {type}, MessageWriter(message), &arena_);
    const Response& response = Receive();
    Fields head = kUsualHead;
    head[1].second = std::string(ResponseContentType(type));
    ASSERT_EQ(response.head, head);
    ASSERT_EQ(response.trailers, (Fields{{"grpc-status", "0"}}));
  }
}

TEST_F(ResponderTest, AnEmptyMessageIsAMessage) {
  responder_.SendUnary(Request(), {}, MessageWriter(TextMessage{}), &arena_);
  EXPECT_EQ(Receive().data, std::string(5, '\0'));
}

TEST_F(ResponderTest, MessagesOfEverySizeArriveWhole) {
  // About a frame's 16,384 octets with the prefix, and beyond the 65,535 octets of a window.
  for (const size_t bytes : {size_t{1}, size_t{16'378}, size_t{16'379}, size_t{16'380},
                             size_t{65'530}, size_t{65'531}, size_t{3'000'000}}) {
    SCOPED_TRACE(bytes);
    arena_.Reset();
    const TextMessage message{std::string(bytes, 'x')};
    responder_.SendUnary(Request(), {}, MessageWriter(message), &arena_);
    const Response& response = ReceiveAll();
    EXPECT_EQ(response.data, Framed(message.text));
    EXPECT_EQ(response.trailers, (Fields{{"grpc-status", "0"}}));
    EXPECT_TRUE(response.ended);
  }
  EXPECT_EQ(server_.streams_open_count(), 0u);
}

TEST_F(ResponderTest, TrailersWithMetadataWaitBehindDataThatWaits) {
  Metadata trailing(&arena_);
  ASSERT_TRUE(trailing.Add("x-cost", "3"));
  const TextMessage message{std::string(2'000'000, 'y')};
  responder_.SendUnary(Request(), {ContentType::kGrpc, nullptr, &trailing}, MessageWriter(message),
                       &arena_);
  const Response& response = ReceiveAll();
  EXPECT_EQ(response.data.size(), 2'000'005u);
  EXPECT_EQ(response.trailers, (Fields{{"grpc-status", "0"}, {"x-cost", "3"}}));
}

TEST_F(ResponderTest, MetadataGoesWithTheHeadAndTheTrailers) {
  Metadata initial(&arena_), trailing(&arena_);
  ASSERT_TRUE(initial.Add("x-a", "1"));
  ASSERT_TRUE(initial.Add("x-bin", "\xff\xfe"));
  ASSERT_TRUE(trailing.Add("y", "2"));
  ASSERT_TRUE(trailing.Add("y-bin", ""));
  responder_.SendUnary(Request(), {ContentType::kGrpc, &initial, &trailing},
                       MessageWriter(TextMessage{}), &arena_);
  const Response& response = Receive();
  Fields head = kUsualHead;
  head.emplace_back("x-a", "1");
  head.emplace_back("x-bin", "//4");
  EXPECT_EQ(response.head, head);
  EXPECT_EQ(response.trailers, (Fields{{"grpc-status", "0"}, {"y", "2"}, {"y-bin", ""}}));
}

TEST_F(ResponderTest, AnotherSubtypeComesBackWithEveryKindOfAnswer) {
  Metadata none(&arena_), trailing(&arena_);
  ASSERT_TRUE(trailing.Add("y", "2"));
  const TextMessage message{"m"};
  for (int i = 0; i < 20; ++i) {  // the usual head's prepared block stays its own
    SCOPED_TRACE(i);
    const std::string_view subtype = i % 2 == 0 ? "json" : "thrift";
    Fields head = kUsualHead;
    head[1].second = "application/grpc+" + std::string(subtype);
    const auto other = ContentType::kGrpcOther;
    responder_.SendUnary(Request(), {other, &none, &none, {}, subtype}, MessageWriter(message),
                         &arena_);
    EXPECT_EQ(Receive().head, head);
    responder_.SendUnary(Request(), {other, &none, &trailing, {}, subtype},
                         MessageWriter(message), &arena_);
    EXPECT_EQ(Receive().head, head);
    responder_.SendStatus(Request(), {other, nullptr, nullptr, {}, subtype},
                          MakeStatus(StatusCode::kNotFound, ""));
    EXPECT_EQ(Receive().head[1], head[1]);
    responder_.SendUnary(Request(), {}, MessageWriter(message), &arena_);
    EXPECT_EQ(Receive().head, kUsualHead);
  }
}

TEST_F(ResponderTest, CompressedMessagesHaveAHeadThatNamesTheEncodingAndAFlag) {
  const std::string octets = "packed";
  const wire::Bytes packed = wire::AsBytes(octets);
  Fields head = kUsualHead;
  head.emplace_back("grpc-encoding", "gzip");
  head.emplace_back("grpc-accept-encoding", "identity,gzip");
  Metadata initial(&arena_);
  for (int i = 0; i < 4; ++i) {
    SCOPED_TRACE(i);
    if (i == 2) {
      ASSERT_TRUE(initial.Add("x-a", "1"));
      head.emplace_back("x-a", "1");
    }
    const Responder::Answer answer = {
        ContentType::kGrpc, &initial, nullptr, "identity,gzip", {}, "gzip"};
    responder_.SendUnary(Request(), answer, MessageWriter::OfOctets(&packed, true), &arena_);
    const Response& response = Receive();
    EXPECT_EQ(response.head, head);
    EXPECT_EQ(response.data, "\1" + Framed(octets).substr(1));
    EXPECT_EQ(response.trailers, (Fields{{"grpc-status", "0"}}));
  }
  responder_.SendUnary(Request(), {}, MessageWriter::OfOctets(&packed, false), &arena_);
  EXPECT_EQ(Receive().head, kUsualHead) << "the next one's is its own";
  EXPECT_EQ(response_.data, Framed(octets));
}

TEST_F(ResponderTest, AStatusIsOneHeadThatEndsTheStream) {
  for (int code = 1; code <= 16; ++code) {
    SCOPED_TRACE(code);
    responder_.SendStatus(Request(), {},
                          MakeStatus(static_cast<StatusCode>(code), "caf\u00e9 %\n"));
    const Response& response = Receive();
    Fields want = kUsualHead;
    want.emplace_back("grpc-status", std::to_string(code));
    want.emplace_back("grpc-message", "caf%C3%A9 %25%0A");
    EXPECT_EQ(response.head, want);
    EXPECT_EQ(response.trailers, Fields{});
    EXPECT_EQ(response.data, "");
    EXPECT_TRUE(response.ended);
  }
}

TEST_F(ResponderTest, AnEmptyMessageTextIsLeftOut) {
  responder_.SendStatus(Request(), {}, MakeStatus(StatusCode::kNotFound, ""));
  Fields want = kUsualHead;
  want.emplace_back("grpc-status", "5");
  EXPECT_EQ(Receive().head, want);
}

TEST_F(ResponderTest, ACodeThatGrpcDoesNotHaveIsUnknown) {
  for (const int code : {17, 42, -1, 1000}) {
    responder_.SendStatus(Request(), {}, MakeStatus(static_cast<StatusCode>(code), ""));
    EXPECT_EQ(Receive().head.back(), (std::pair<std::string, std::string>{"grpc-status", "2"}))
        << code;
  }
}

TEST_F(ResponderTest, AStatusCarriesBothKindsOfMetadataAndTheEncodings) {
  Metadata initial(&arena_), trailing(&arena_);
  ASSERT_TRUE(initial.Add("x", "1"));
  ASSERT_TRUE(trailing.Add("y", "2"));
  responder_.SendStatus(Request(), {ContentType::kGrpcProto, &initial, &trailing, "identity,gzip"},
                        MakeStatus(StatusCode::kUnimplemented, "no"));
  EXPECT_EQ(Receive().head, (Fields{{":status", "200"},
                                    {"content-type", "application/grpc+proto"},
                                    {"server", std::string(kServerName)},
                                    {"grpc-status", "12"},
                                    {"grpc-message", "no"},
                                    {"grpc-accept-encoding", "identity,gzip"},
                                    {"x", "1"},
                                    {"y", "2"}}));
}

TEST_F(ResponderTest, DetailsGoWithTheStatusBehindAHeadAndAlone) {
  Status status = MakeStatus(StatusCode::kInvalidArgument, "no");
  AddDetail(status, "a/b", "c");
  // code 3, "no", {"a/b", "c"}
  const std::pair<std::string, std::string> field{"grpc-status-details-bin",
                                                  "CAMSAm5vGggKA2EvYhIBYw"};
  responder_.SendStatus(Request(), {}, status);
  EXPECT_EQ(Receive().head.back(), field);
  http2::Stream& stream = Request();
  responder_.SendHead(stream, {});
  responder_.SendTrailers(stream, {}, status);
  EXPECT_EQ(Receive().trailers,
            (Fields{{"grpc-status", "3"}, {"grpc-message", "no"}, field}));
}

// The client takes 8 KiB of headers.
TEST_F(ResponderTest, AStatusArrivesThoughItsDetailsAreTooMuch) {
  Metadata none(&arena_), little(&arena_), much(&arena_);
  ASSERT_TRUE(little.Add("x", "1"));
  ASSERT_TRUE(much.Add("x", std::string(9000, 'x')));
  const Status plain = MakeStatus(StatusCode::kNotFound, "no");
  Status detailed = plain;
  AddDetail(detailed, "a/b", std::string(9000, 'd'));
  const struct {
    const char* name;
    Status status;
    const Metadata* trailing;
    const char* message;
    bool has_metadata;
  } cases[] = {
      {"all of it fits", plain, &little, "no", true},
      {"details", detailed, &little,
       "no (its details are left out: they exceed what the caller takes as headers)", true},
      {"metadata", plain, &much,
       "no (details and metadata are left out: they exceed what the caller takes as headers)",
       false},
      {"both", detailed, &much,
       "no (details and metadata are left out: they exceed what the caller takes as headers)",
       false},
      {"the message itself", MakeStatus(StatusCode::kNotFound, std::string(9000, 'm')), &none,
       "the message exceeds what the caller takes as headers", false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Fields want = {{"grpc-status", "5"}, {"grpc-message", c.message}};
    if (c.has_metadata) want.emplace_back("x", "1");
    const Responder::Answer answer = {ContentType::kGrpc, nullptr, c.trailing};
    responder_.SendStatus(Request(), answer, c.status);
    Fields head = Receive().head;
    ASSERT_GE(head.size(), kUsualHead.size());
    EXPECT_TRUE(std::equal(kUsualHead.begin(), kUsualHead.end(), head.begin()));
    EXPECT_EQ(Fields(head.begin() + 3, head.end()), want);
    http2::Stream& stream = Request();
    responder_.SendHead(stream, {});
    responder_.SendTrailers(stream, answer, c.status);
    EXPECT_EQ(Receive().trailers, want);
    EXPECT_TRUE(response_.ended);
  }
}

TEST_F(ResponderTest, AnOkIsNotToldWithoutItsMetadata) {
  Metadata much(&arena_);
  ASSERT_TRUE(much.Add("x", std::string(9000, 'x')));
  responder_.SendUnary(Request(), {ContentType::kGrpc, nullptr, &much},
                       MessageWriter(TextMessage{"m"}), &arena_);
  const Response& response = Receive();
  EXPECT_EQ(response.data, Framed("m"));
  EXPECT_EQ(response.trailers[0], (std::pair<std::string, std::string>{"grpc-status", "8"}));
  EXPECT_EQ(response.trailers[1].first, "grpc-message");
  EXPECT_EQ(response.trailers.size(), 2u);
}

// A format of the user's may throw, and dispatch catches it.
struct ThrowingMessage {
  size_t bytes;
  size_t ByteSize() const { return bytes; }
  uint8_t* SerializeTo(uint8_t*) const { throw std::runtime_error("no such enum"); }
};

TEST_F(ResponderTest, AMessageThatCannotBeSerialisedLeavesNoMemoryBehind) {
  http2::Stream& stream = Request();
  responder_.SendHead(stream, {});
  EXPECT_THROW(responder_.SendMessage(stream, MessageWriter(ThrowingMessage{100'000}), &slabs_),
               std::runtime_error);
  EXPECT_EQ(slabs_.large().lent_bytes(), 0u);
}

TEST_F(ResponderTest, AnHttpStatusSaysItInBothWays) {
  responder_.SendHttpStatus(Request(), "415", MakeStatus(StatusCode::kUnknown, "what?"));
  Fields want = kUsualHead;
  want[0].second = "415";
  want.emplace_back("grpc-status", "2");
  want.emplace_back("grpc-message", "what?");
  const Response& response = Receive();
  EXPECT_EQ(response.head, want);
  EXPECT_TRUE(response.ended);
}

TEST_F(ResponderTest, AnEarlyAnswerStopsTheRequestWithNoError) {
  responder_.SendStatus(Request(EndStream::kNo), {}, MakeStatus(StatusCode::kInternal, "early"));
  const Response& response = Receive();
  EXPECT_TRUE(response.ended);
  EXPECT_EQ(response.reset_code, static_cast<int>(http2::ErrorCode::kNoError));
  EXPECT_EQ(server_.streams_open_count(), 0u);
}

TEST_F(ResponderTest, NothingIsResetAfterAWholeRequest) {
  responder_.SendStatus(Request(), {}, MakeStatus(StatusCode::kInternal, "late"));
  EXPECT_EQ(Receive().reset_code, -1);
}

}  // namespace
}  // namespace penstock::rpc
