// The memo of the latest header block (block_memo.h): requests that repeat themselves are not
// decoded anew, and nobody can tell the difference.
#include <optional>
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
      generation_ = server_.fields().generation();
      for (const HeaderField& field : server_.fields()) {
        heard.push_back(std::string(field.name) + "=" + std::string(field.value));
      }
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
  uint64_t generation() const { return generation_; }
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
  uint64_t generation_ = 0;
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
  const uint64_t generation = peer.generation();
  EXPECT_EQ(peer.Request("/a"), first);
  EXPECT_EQ(peer.generation(), generation);
  EXPECT_NE(peer.Request("/b"), first);
  EXPECT_NE(peer.generation(), generation);
  EXPECT_EQ(peer.Request("/a"), first);
}

TEST_F(ConnectionMemo, LiteralsOutliveTheBufferTheyCameIn) {
  Peer peer(&workspace_);
  const Texts want = {":method=GET", ":scheme=http", ":path=/in/the/buffer"};
  EXPECT_EQ(peer.Block(LiteralRequest("/in/the/buffer")), want);
  const uint64_t generation = peer.generation();
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

TEST_F(ConnectionMemo, ALongBlockIsDecodedEachTime) {
  Peer peer(&workspace_);
  const std::string path = "/" + std::string(100, 'p');
  const std::string value(BlockMemo::kBlockBytesMax, 'v');
  peer.encoder().SetPeerTableBytesMax(0);  // literals for ever
  const Texts first = peer.Request(path, value);
  const uint64_t generation = peer.generation();
  EXPECT_EQ(peer.Request(path, value), first);
  EXPECT_NE(peer.generation(), generation);
}

}  // namespace
}  // namespace penstock::http2::testing
