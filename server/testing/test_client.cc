#include "penstock/server/testing/test_client.h"

#include <gtest/gtest.h>

#include "penstock/rpc/percent.h"
#include "penstock/wire/message_prefix.h"

namespace penstock::test {
namespace {

using http2::EndStream;
using http2::Event;

std::vector<http2::OutgoingField> Views(const Fields& fields) {
  std::vector<http2::OutgoingField> views;
  for (const auto& [name, value] : fields) views.push_back({name, value});
  return views;
}

Fields Copy(const http2::FieldList& list) {
  Fields fields;
  for (const http2::HeaderField& field : list) fields.emplace_back(field.name, field.value);
  return fields;
}

}  // namespace

std::string Framed(std::string_view message, uint8_t flag) {
  std::string framed(wire::kMessagePrefixBytes, '\0');
  wire::StoreMessagePrefix(reinterpret_cast<uint8_t*>(framed.data()),
                           {flag, static_cast<uint32_t>(message.size())});
  return framed.append(message);
}

// --- TestResponse

std::vector<std::string> TestResponse::Values(std::string_view wanted) const {
  std::vector<std::string> values;
  for (const Fields* fields : {&head, &trailers}) {
    for (const auto& [name, value] : *fields) {
      if (name == wanted) values.push_back(value);
    }
  }
  return values;
}

std::string TestResponse::Field(std::string_view name) const {
  const std::vector<std::string> values = Values(name);
  return values.empty() ? "" : values.back();
}

int TestResponse::status() const {
  const std::string text = Field("grpc-status");
  EXPECT_LE(Values("grpc-status").size(), 1u);
  return text.empty() ? -1 : std::stoi(text);
}

std::string TestResponse::status_message() const {
  return rpc::PercentDecode(Field("grpc-message"));
}

std::string TestResponse::message() const {
  EXPECT_GE(data.size(), wire::kMessagePrefixBytes)
      << "status " << status() << ", " << status_message();
  if (data.size() < wire::kMessagePrefixBytes) return "";
  const auto prefix = wire::LoadMessagePrefix(reinterpret_cast<const uint8_t*>(data.data()));
  EXPECT_EQ(prefix.flag, 0);
  EXPECT_EQ(prefix.length_bytes, data.size() - wire::kMessagePrefixBytes);
  return data.substr(wire::kMessagePrefixBytes);
}

// --- TestClient

TestClient::TestClient(const std::string& address, const http2::Limits& limits)
    : connection_(http2::Role::kClient, limits, &workspace_, {}), socket_(address) {
  connection_.Start(0);
}

TestClient::~TestClient() {
  for (auto& [id, stream] : streams_) {
    if (stream.stream != nullptr) stream.stream->user = nullptr;
  }
}

Fields TestClient::Head(std::string_view path, const Fields& more) {
  Fields head = {{":method", "POST"},    {":scheme", "http"}, {":path", std::string(path)},
                 {":authority", "test"}, {"te", "trailers"},  {"content-type", "application/grpc"}};
  head.insert(head.end(), more.begin(), more.end());
  return head;
}

Fields TestClient::HeadWith(std::string_view path, std::string_view name, std::string_view value) {
  Fields head = Head(path);
  for (auto& [field_name, field_value] : head) {
    if (field_name == name) field_value = value;
  }
  return head;
}

const TestResponse& TestClient::Call(std::string_view path, std::string_view data,
                                     const Fields& more) {
  return CallWithHead(Head(path, more), data);
}

const TestResponse& TestClient::CallWithHead(const Fields& head, std::string_view data) {
  const uint32_t id = Open(head);
  Send(id, data, EndStream::kYes);
  return Wait(id);
}

uint32_t TestClient::Open(const Fields& head, EndStream end) {
  http2::Stream* stream = connection_.OpenStream();
  if (stream == nullptr) {
    ADD_FAILURE() << "no stream can be opened";
    return 0;
  }
  const uint32_t id = stream->id;
  TestStream& opened = streams_[id];
  opened.stream = stream;
  opened.local_ended = end == EndStream::kYes;
  stream->user = &opened;
  connection_.SendHead(*stream, Views(head), end);
  return id;
}

void TestClient::Send(uint32_t id, std::string_view data, EndStream end) {
  TestStream& stream = streams_[id];
  if (stream.stream == nullptr) return;
  stream.local_ended = end == EndStream::kYes;
  connection_.SendData(*stream.stream, wire::AsBytes(data), end);
  if (stream.local_ended && stream.response.ended) stream.stream = nullptr;
}

void TestClient::SendTrailers(uint32_t id, const Fields& fields) {
  TestStream& stream = streams_[id];
  stream.local_ended = true;
  connection_.SendTrailers(*stream.stream, Views(fields));
}

void TestClient::Reset(uint32_t id, http2::ErrorCode code) {
  TestStream& stream = streams_[id];
  if (stream.stream == nullptr) return;
  connection_.SendReset(*stream.stream, code);
  stream.stream = nullptr;
}

void TestClient::Flush() {
  while (connection_.has_output() && Turn()) {
  }
}

void TestClient::FlushOctets() {
  while (!connection_.NextOutput().empty() && !socket_.reset()) {
    wire::Bytes piece;
    connection_.NextOutput().Gather({&piece, 1});
    const std::string bytes(wire::AsString(piece));
    connection_.NextOutput().Consume(bytes.size());
    for (const char& octet : bytes) socket_.Write({&octet, 1});
  }
}

const TestResponse& TestClient::Wait(uint32_t id) {
  const TestResponse& response = streams_[id].response;
  while (!response.ended && !response.reset && Turn()) {
  }
  return response;
}

const TestResponse& TestClient::WaitForReset(uint32_t id) {
  const TestResponse& response = streams_[id].response;
  while (!response.reset && Turn()) {
  }
  return response;
}

void TestClient::Ping() {
  connection_.SendPing(++pings_count_);
  while (pongs_count_ != pings_count_ && Turn()) {
  }
  EXPECT_EQ(pongs_count_, pings_count_);
}

void TestClient::WaitForClose() {
  while (Turn()) {
  }
  EXPECT_TRUE(socket_.ended());
}

bool TestClient::Turn() {
  wire::OutputChain& output = connection_.NextOutput();
  bool readable = false, writable = false;
  const bool may_write = !output.empty() && !socket_.reset();
  if (socket_.ended() || !socket_.Wait(may_write, &readable, &writable)) return false;
  if (writable) {
    wire::Bytes piece;
    output.Gather({&piece, 1});
    output.Consume(socket_.WriteSome(wire::AsString(piece)));
  }
  if (!readable) return true;
  const std::string bytes = socket_.Read();
  Receive(bytes);
  return !bytes.empty();
}

void TestClient::Receive(std::string_view bytes) {
  connection_.Receive(wire::AsBytes(bytes), 0);
  for (Event event = connection_.NextEvent(); event.kind != Event::Kind::kNone;
       event = connection_.NextEvent()) {
    OnEvent(event);
  }
}

void TestClient::OnEvent(const Event& event) {
  switch (event.kind) {
    case Event::Kind::kConnectionError:
      ADD_FAILURE() << "the server broke a rule: " << event.error.text;
      return;
    case Event::Kind::kGoAway:
      goaway_ = event.error.code;
      return;
    case Event::Kind::kPingAck:
      ++pongs_count_;
      return;
    case Event::Kind::kPushPromise: {
      TestStream& promised = streams_[event.stream->id];
      promised.stream = event.stream;
      promised.local_ended = true;
      promised.response.promise = Copy(connection_.fields());
      event.stream->user = &promised;
      return;
    }
    default:
      break;
  }
  if (event.stream == nullptr) return;
  auto& stream = *static_cast<TestStream*>(event.stream->user);
  switch (event.kind) {
    case Event::Kind::kHead:
      stream.response.head = Copy(connection_.fields());
      break;
    case Event::Kind::kData:
      stream.response.data.append(wire::AsString(event.data));
      connection_.ReturnCredit(*event.stream, static_cast<uint32_t>(event.data.size()));
      break;
    case Event::Kind::kTrailers:
      stream.response.trailers = Copy(connection_.fields());
      break;
    case Event::Kind::kStreamReset:
      stream.response.reset = event.error.code;
      EXPECT_EQ(event.error.initiator, http2::Initiator::kPeer) << event.error.text;
      event.stream->user = nullptr;
      stream.stream = nullptr;
      return;
    default:
      break;
  }
  if (!event.end_stream) return;
  stream.response.ended = true;
  if (stream.local_ended) {
    event.stream->user = nullptr;
    stream.stream = nullptr;
  }
}

}  // namespace penstock::test
