// The memo of the latest header blocks (block_memo.h): requests and responses that repeat
// themselves are not decoded anew, and nobody can tell the difference.
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/http2/connection.h"
#include "penstock/http2/testing/frame_script.h"

namespace penstock::http2::testing {
namespace {

using Texts = std::vector<std::string>;
// Which decoding the fields are of.
using Generation = std::pair<const FieldList*, uint64_t>;

Generation GenerationOf(const Connection& connection) {
  return {&connection.fields(), connection.fields().generation()};
}

Texts TextsOf(const FieldList& fields) {
  Texts texts;
  for (const HeaderField& field : fields) {
    texts.push_back(std::string(field.name) + "=" + std::string(field.value));
  }
  return texts;
}

// A client and the server it speaks to; servers share a workspace as those of a shard do.
class Peer {
 public:
  explicit Peer(Workspace* workspace) : server_(Role::kServer, Limits{}, workspace, {}) {
    server_.Start(0);
    Send(std::string(kClientPreface) + Encode(SettingsFrame({}), encoder_) +
         Encode(SettingsAck(), encoder_));
  }

  // What the server heard of a request: its fields, or an error. The octets are gone afterwards, as
  // those of a receive buffer are.
  Texts Send(std::string bytes) {
    Texts heard;
    server_.Receive(wire::AsBytes(bytes), 0);
    for (Event event = server_.NextEvent(); event.kind != Event::Kind::kNone;
         event = server_.NextEvent()) {
      if (event.kind == Event::Kind::kConnectionError) {
        heard.push_back(std::string("error: ") + event.error.text);
        break;
      }
      if (event.kind != Event::Kind::kHead) continue;
      generation_ = GenerationOf(server_);
      for (std::string& text : TextsOf(server_.fields())) heard.push_back(std::move(text));
      EXPECT_EQ(server_.head().path->value, PathOf(server_.fields()));
      server_.SendReset(*event.stream, ErrorCode::kCancel);
    }
    bytes.assign(bytes.size(), '\xff');
    return heard;
  }

  Texts Request(std::string_view path, std::string_view value = "") {
    Frame frame = Headers(next_id()).Get(path).End();
    if (!value.empty()) frame.Field("x-value", value);
    return Send(Encode(frame, encoder_));
  }
  // A header block as it stands.
  Texts Block(std::string_view block) {
    return Send(Encode(
        RawFrame(FrameType::kHeaders, flags::kEndHeaders | flags::kEndStream, next_id(), block),
        encoder_));
  }

  uint32_t next_id() { return std::exchange(next_id_, next_id_ + 2); }
  Connection& server() { return server_; }
  HpackEncoder& encoder() { return encoder_; }
  // Of the fields that were told last.
  Generation generation() const { return generation_; }
  std::vector<FrameType> TakeFrames() {
    std::vector<FrameType> types;
    wire::OutputChain& output = server_.NextOutput();
    std::string bytes;
    wire::Bytes pieces[8];
    for (size_t i = 0, count = output.Gather(pieces); i < count; ++i) {
      bytes += wire::AsString(pieces[i]);
    }
    output.Clear();
    for (const Frame& frame : scanner_.Scan(bytes)) types.push_back(frame.type);
    return types;
  }

 private:
  static std::string_view PathOf(const FieldList& fields) {
    for (const HeaderField& field : fields) {
      if (field.token == FieldName::kPath) return field.value;
    }
    return {};
  }

  HpackEncoder encoder_;
  FrameScanner scanner_{4096};
  Connection server_;
  uint32_t next_id_ = 1;
  Generation generation_;
};

class ConnectionMemo : public ::testing::Test {
 protected:
  wire::SlabPool slabs_;
  Workspace workspace_{&slabs_};
};

// GET, http, and a path that is a literal without indexing.
std::string LiteralRequest(std::string_view path) {
  std::string block = "\x82\x86";
  block += '\x04';
  block += static_cast<char>(path.size());
  block += path;
  return block;
}

TEST_F(ConnectionMemo, ARequestThatRepeatsItselfIsDecodedOnce) {
  Peer peer(&workspace_);
  const Texts first = peer.Request("/a");
  ASSERT_EQ(peer.Request("/a"), first);  // the first one changed the table
  const Generation generation = peer.generation();
  EXPECT_EQ(peer.Request("/a"), first);
  EXPECT_EQ(peer.generation(), generation);
  EXPECT_NE(peer.Request("/b"), first);
  EXPECT_NE(peer.generation(), generation);
  EXPECT_EQ(peer.Request("/a"), first);
}

TEST_F(ConnectionMemo, TwoRequestsByTurnsAreDecodedOnceEach) {
  Peer peer(&workspace_);
  const Texts a = {":method=GET", ":scheme=http", ":path=/a"};
  const Texts b = {":method=GET", ":scheme=http", ":path=/other/than/a"};
  EXPECT_EQ(peer.Block(LiteralRequest("/a")), a);
  EXPECT_EQ(peer.Block(LiteralRequest("/other/than/a")), b);  // takes the literal's place
  EXPECT_EQ(peer.Block(LiteralRequest("/a")), a);
  EXPECT_EQ(peer.Block("\x82\x86\x84"), (Texts{":method=GET", ":scheme=http", ":path=/"}));
  const Generation of_index = peer.generation();
  EXPECT_EQ(peer.Block(LiteralRequest("/a")), a);
  const Generation of_a = peer.generation();
  EXPECT_NE(of_a, of_index);
  for (int i = 0; i < 3; ++i) {
    peer.Block("\x82\x86\x84");
    EXPECT_EQ(peer.generation(), of_index);
    EXPECT_EQ(peer.Block(LiteralRequest("/a")), a);
    EXPECT_EQ(peer.generation(), of_a);
  }
}

// x-a: b is inserted by another block than the one that is held: the index means something else.
TEST_F(ConnectionMemo, WhatAnotherBlockInsertsIsSeen) {
  Peer peer(&workspace_);
  const std::string newest = LiteralRequest("/x") + "\xbe";
  peer.Block(LiteralRequest("/y") + std::string("\x40\x03x-a\x01") + "b");
  const Texts want = {":method=GET", ":scheme=http", ":path=/x", "x-a=b"};
  EXPECT_EQ(peer.Block(newest), want);
  EXPECT_EQ(peer.Block(newest), want);
  peer.Block(LiteralRequest("/y") + std::string("\x40\x03x-c\x01") + "d");
  EXPECT_EQ(peer.Block(newest), (Texts{":method=GET", ":scheme=http", ":path=/x", "x-c=d"}));
}

// A response's head and its trailers, by turns.
TEST_F(ConnectionMemo, ResponsesThatRepeatThemselvesAreDecodedOnce) {
  HpackEncoder none;
  Connection client(Role::kClient, Limits{}, &workspace_, {});
  client.Start(0);
  std::string bytes = Encode(SettingsFrame({}), none) + Encode(SettingsAck(), none);
  client.Receive(wire::AsBytes(bytes), 0);
  ASSERT_EQ(client.NextEvent().kind, Event::Kind::kSettings);
  ASSERT_EQ(client.NextEvent().kind, Event::Kind::kNone);
  const OutgoingField request[] = {{":method", "POST"}, {":scheme", "http"}, {":path", "/"}};
  const std::string head = "\x88";                                     // :status 200
  const std::string trailers = std::string(1, '\0') + "\x0bgrpc-status\x01" + "0";  // a literal
  Generation of_head;
  Generation of_trailers;
  for (uint32_t id = 1; id < 9; id += 2) {
    Stream* stream = client.OpenStream();
    ASSERT_NE(stream, nullptr);
    stream->user = &client;
    client.SendHead(*stream, request, EndStream::kYes);
    bytes = Encode(RawFrame(FrameType::kHeaders, flags::kEndHeaders, id, head), none) +
            Encode(RawFrame(FrameType::kHeaders, flags::kEndHeaders | flags::kEndStream, id,
                            trailers),
                   none);
    client.Receive(wire::AsBytes(bytes), 0);
    ASSERT_EQ(client.NextEvent().kind, Event::Kind::kHead);
    EXPECT_EQ(TextsOf(client.fields()), Texts{":status=200"});
    EXPECT_EQ(client.head().status_code, 200);
    if (id == 1) of_head = GenerationOf(client);
    EXPECT_EQ(GenerationOf(client), of_head);
    ASSERT_EQ(client.NextEvent().kind, Event::Kind::kTrailers);
    EXPECT_EQ(TextsOf(client.fields()), Texts{"grpc-status=0"});
    if (id == 1) of_trailers = GenerationOf(client);
    EXPECT_EQ(GenerationOf(client), of_trailers);
    ASSERT_EQ(client.NextEvent().kind, Event::Kind::kNone);
    bytes.assign(bytes.size(), '\xff');
  }
}

// The octets of a good promise as a response: they are none, and then a promise again.
TEST_F(ConnectionMemo, APromiseIsOneBehindAFaultyResponseOfItsOctets) {
  HpackEncoder none;
  Limits limits;
  limits.push_enabled = true;
  Connection client(Role::kClient, limits, &workspace_, {});
  client.Start(0);
  const std::string block = std::string("\x82\x86\x84\x01\x01") + "h";
  const auto promise = [&](char id) {
    return Encode(RawFrame(FrameType::kPushPromise, flags::kEndHeaders, 3,
                           std::string(3, '\0') + id + block),
                  none);
  };
  const OutgoingField request[] = {{":method", "GET"}, {":scheme", "http"}, {":path", "/"}};
  for (int i = 0; i < 2; ++i) {
    Stream* stream = client.OpenStream();
    stream->user = &client;
    client.SendHead(*stream, request, EndStream::kYes);
  }
  const std::string bytes =
      Encode(SettingsFrame({}), none) + Encode(SettingsAck(), none) + promise(2) +
      Encode(RawFrame(FrameType::kHeaders, flags::kEndHeaders, 1, block), none) + promise(4);
  client.Receive(wire::AsBytes(bytes), 0);
  EXPECT_EQ(client.NextEvent().kind, Event::Kind::kSettings);
  EXPECT_EQ(client.NextEvent().kind, Event::Kind::kPushPromise);
  EXPECT_EQ(client.NextEvent().kind, Event::Kind::kStreamReset);
  EXPECT_EQ(client.NextEvent().kind, Event::Kind::kPushPromise);
  ASSERT_NE(client.head().method, nullptr);
  EXPECT_EQ(client.head().method->value, "GET");
}

TEST_F(ConnectionMemo, LiteralsOutliveTheBufferTheyCameIn) {
  Peer peer(&workspace_);
  const Texts want = {":method=GET", ":scheme=http", ":path=/in/the/buffer"};
  EXPECT_EQ(peer.Block(LiteralRequest("/in/the/buffer")), want);
  const Generation generation = peer.generation();
  EXPECT_EQ(peer.Block(LiteralRequest("/in/the/buffer")), want);
  EXPECT_EQ(peer.generation(), generation);
}

TEST_F(ConnectionMemo, TheSameOctetsOfAnotherPeerMeanSomethingElse) {
  Peer a(&workspace_);
  Peer b(&workspace_);
  const Texts of_a = a.Request("/a", "from a");
  const Texts of_b = b.Request("/b", "from b");
  ASSERT_NE(of_a, of_b);
  for (int i = 0; i < 3; ++i) {  // from now on both send the same indices
    EXPECT_EQ(a.Request("/a", "from a"), of_a);
    EXPECT_EQ(b.Request("/b", "from b"), of_b);
  }
}

TEST_F(ConnectionMemo, ABlockThatChangesTheTableIsDecodedEachTime) {
  Peer peer(&workspace_);
  // x-a: b with incremental indexing, thrice: the newest entry is that of the third.
  const std::string block = LiteralRequest("/x") + std::string("\x40\x03x-a\x01") + "b";
  const Texts want = {":method=GET", ":scheme=http", ":path=/x", "x-a=b"};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(peer.Block(block), want);
  const Texts with_entries = {":method=GET", ":scheme=http", ":path=/x", "x-a=b", "x-a=b", "x-a=b"};
  EXPECT_EQ(peer.Block(LiteralRequest("/x") + "\xbe\xbf\xc0"), with_entries);
  const Texts beyond = peer.Block(LiteralRequest("/x") + "\xc1");
  ASSERT_EQ(beyond.size(), 1u);
  EXPECT_TRUE(beyond[0].starts_with("error: ")) << beyond[0];
}

TEST_F(ConnectionMemo, AMalformedRequestIsRefusedEachTime) {
  Peer peer(&workspace_);
  peer.TakeFrames();
  const std::string no_path = "\x82\x86";
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(peer.Block(no_path), Texts{});
    EXPECT_EQ(peer.TakeFrames(), std::vector{FrameType::kRstStream});
  }
}

TEST_F(ConnectionMemo, TrailersAreNotTakenForARequest) {
  Peer peer(&workspace_);
  const std::string block = LiteralRequest("/x");
  peer.Block(block);
  // The octets of a good request as the trailers of the next one.
  const uint32_t id = peer.next_id();
  HpackEncoder none;
  peer.TakeFrames();
  std::string bytes =
      Encode(RawFrame(FrameType::kHeaders, flags::kEndHeaders, id, block), none) +
      Encode(RawFrame(FrameType::kHeaders, flags::kEndHeaders | flags::kEndStream, id, block),
             none);
  Connection& server = peer.server();
  server.Receive(wire::AsBytes(bytes), 0);
  Event event = server.NextEvent();
  ASSERT_EQ(event.kind, Event::Kind::kHead);
  event.stream->user = &peer;
  event = server.NextEvent();
  ASSERT_EQ(event.kind, Event::Kind::kStreamReset);
  EXPECT_EQ(event.error.code, ErrorCode::kProtocolError);
  event.stream->user = nullptr;
  EXPECT_EQ(server.NextEvent().kind, Event::Kind::kNone);
}

TEST_F(ConnectionMemo, AHeldBlockDoesNotHideThatASizeUpdateIsMissing) {
  Limits limits;
  limits.decoder_table_bytes = 1024;  // 4096 until the peer has acknowledged it
  Connection server(Role::kServer, limits, &workspace_, {});
  server.Start(0);
  HpackEncoder none;
  const std::string block = LiteralRequest("/x");
  const auto request = [&](uint32_t id) {
    return Encode(RawFrame(FrameType::kHeaders, flags::kEndHeaders | flags::kEndStream, id, block),
                  none);
  };
  const std::string before = std::string(kClientPreface) + Encode(SettingsFrame({}), none) +
                             request(1) + request(3) + Encode(SettingsAck(), none);
  server.Receive(wire::AsBytes(before), 0);
  EXPECT_EQ(server.NextEvent().kind, Event::Kind::kSettings);
  EXPECT_EQ(server.NextEvent().kind, Event::Kind::kHead);
  EXPECT_EQ(server.NextEvent().kind, Event::Kind::kHead);
  EXPECT_EQ(server.NextEvent().kind, Event::Kind::kNone);
  const std::string after = request(5);
  server.Receive(wire::AsBytes(after), 0);
  const Event event = server.NextEvent();
  ASSERT_EQ(event.kind, Event::Kind::kConnectionError);
  EXPECT_EQ(event.error.code, ErrorCode::kCompressionError);
}

TEST_F(ConnectionMemo, NothingIsHeldOfAPeerThatIsGone) {
  std::optional<Peer> peer(std::in_place, &workspace_);
  const std::string indices = "\x82\x86\xbe";
  const Texts want = {":method=GET", ":scheme=http", ":path=/secret"};
  EXPECT_EQ(peer->Block(std::string("\x82\x86\x44\x07") + "/secret"), want);
  EXPECT_EQ(peer->Block(indices), want);
  peer.emplace(&workspace_);  // another peer, at the same address
  const Texts heard = peer->Block(indices);
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_TRUE(heard[0].starts_with("error: ")) << heard[0];
}

// Two peers of a shard, whose blocks are chosen by chance from a few, beside two that have all to
// themselves and whose blocks are forgotten.
TEST_F(ConnectionMemo, NobodyCanTellTheDifference) {
  const std::string blocks[] = {
      LiteralRequest("/a"),
      LiteralRequest("/other/than/a"),
      "\x82\x86\x84",
      LiteralRequest("/a") + "\xbe",                                     // the newest entry
      LiteralRequest("/x") + "\xbf\xbe",                                 // and the one before
      LiteralRequest("/a") + std::string("\x40\x03x-a\x01") + "b",       // inserted
      LiteralRequest("/x") + std::string("\x40\x03x-c\x02") + "dd",
      "\x82\x86\x44\x02/i",                                             // with a known name
      LiteralRequest("/a") + std::string("\x0f\x10\x10") + "application/grpc",
      LiteralRequest("/b") + std::string("\x0f\x10\x09") + "text/html",  // content-type
      "\x3f\x09" + LiteralRequest("/a"),                                 // a table of 40 octets
      "\x3f\xe1\x1f" + LiteralRequest("/a"),                             // and of 4,096
  };
  wire::SlabPool slabs;
  Workspace lone_workspaces[] = {Workspace(&slabs), Workspace(&slabs)};
  Peer peers[] = {Peer(&workspace_), Peer(&workspace_)};
  Peer lone[] = {Peer(&lone_workspaces[0]), Peer(&lone_workspaces[1])};
  for (const size_t i : {0, 1}) {  // so that the indices above are of something
    for (const size_t inserting : {5, 6}) {
      EXPECT_EQ(peers[i].Block(blocks[inserting]), lone[i].Block(blocks[inserting]));
    }
  }
  std::minstd_rand random(7);
  size_t repeated = 0;
  for (int n = 0; n < 20'000; ++n) {
    const size_t i = random() / 7 % 2;
    size_t chosen = random() / 7 % std::size(blocks);
    if (chosen == 10 && random() / 7 % 8 != 0) chosen = 2;  // it empties the table
    if (chosen == 10) {
      for (const size_t then : {10, 11, 5, 6}) {
        ASSERT_EQ(peers[i].Block(blocks[then]), lone[i].Block(blocks[then])) << n;
      }
      continue;
    }
    const Generation before = peers[i].generation();
    lone_workspaces[i].blocks.ForgetOf(&lone[i].server());
    ASSERT_EQ(peers[i].Block(blocks[chosen]), lone[i].Block(blocks[chosen]))
        << n << ", block " << chosen;
    if (peers[i].generation() == before) ++repeated;
  }
  EXPECT_GT(repeated, 500u);
}

TEST_F(ConnectionMemo, ALongBlockIsDecodedEachTime) {
  Peer peer(&workspace_);
  const std::string path = "/" + std::string(100, 'p');
  const std::string value(BlockMemo::kBlockBytesMax, 'v');
  peer.encoder().SetPeerTableBytesMax(0);  // literals for ever
  const Texts first = peer.Request(path, value);
  const Generation generation = peer.generation();
  EXPECT_EQ(peer.Request(path, value), first);
  EXPECT_NE(peer.generation(), generation);
}

}  // namespace
}  // namespace penstock::http2::testing
