#include "penstock/rpc/responder.h"

#include <array>
#include <forward_list>
#include <span>
#include <string>
#include <vector>

#include "penstock/rpc/base64.h"
#include "penstock/rpc/percent.h"
#include "penstock/rpc/status_details.h"
#include "penstock/wire/check.h"
#include "penstock/wire/large_blocks.h"
#include "penstock/wire/message_prefix.h"

namespace penstock::rpc {
namespace {

using http2::EndStream;
using http2::IndexingPolicy;
using http2::OutgoingField;

constexpr OutgoingField kOkTrailers[] = {{"grpc-status", "0"}};

// What is not sent because it is more than the peer takes. Each with those before it.
enum class LeftOut : uint8_t { kNothing, kDetails, kMetadata, kMessage };
constexpr LeftOut kInTurn[] = {LeftOut::kNothing, LeftOut::kDetails, LeftOut::kMetadata,
                               LeftOut::kMessage};

std::string_view WordsFor(LeftOut left_out) {
  switch (left_out) {
    case LeftOut::kNothing:
      return "";
    case LeftOut::kDetails:
      return " (its details are left out: they exceed what the caller takes as headers)";
    case LeftOut::kMetadata:
      return " (details and metadata are left out: they exceed what the caller takes as headers)";
    case LeftOut::kMessage:
      return "the message exceeds what the caller takes as headers";
  }
  return "";
}

// Header fields with the texts that had to be made for them. A few fields without such a text, as
// of an interceptor that answers a request's id, allocate nothing.
class FieldBuilder {
 public:
  void Add(std::string_view name, std::string_view value,
           IndexingPolicy indexing = IndexingPolicy::kIndex) {
    if (PENSTOCK_LIKELY(count_ < kFewFields)) {
      few_[count_++] = {name, value, indexing};
      return;
    }
    if (many_.empty()) many_.assign(few_.begin(), few_.end());
    many_.push_back({name, value, indexing});
  }

  void AddOwned(std::string_view name, std::string value,
                IndexingPolicy indexing = IndexingPolicy::kNoIndex) {
    texts_.push_front(std::move(value));
    Add(name, texts_.front(), indexing);
  }

  // What every response of gRPC begins with.
  void AddUsual(std::string_view http_status, const Responder::Answer& answer) {
    Add(":status", http_status);
    if (answer.content_type == ContentType::kGrpcOther && !answer.subtype.empty()) {
      AddOwned("content-type", std::string(kSubtypePrefix).append(answer.subtype),
               IndexingPolicy::kIndex);
    } else {
      Add("content-type", ResponseContentType(answer.content_type));
    }
    Add("server", kServerName);
  }

  void AddEncodings(const Responder::Answer& answer) {
    if (!answer.encoding.empty()) Add("grpc-encoding", answer.encoding);
    if (!answer.accepted.empty()) Add("grpc-accept-encoding", answer.accepted);
  }

  void AddMetadata(const Metadata* metadata) {
    if (metadata == nullptr) return;
    for (const Metadata::Entry& entry : *metadata) {
      if (!IsBinaryKey(entry.key)) {
        Add(entry.key, entry.value, IndexingPolicy::kNoIndex);
        continue;
      }
      AddOwned(entry.key, Encoded(entry.value));
    }
  }

  void AddStatus(const Status& status, LeftOut left_out = LeftOut::kNothing) {
    // code(), not raw_code(): a number that gRPC does not have is sent as UNKNOWN.
    AddOwned("grpc-status", std::to_string(static_cast<int>(status.code())));
    if (status.ok()) return;
    std::string message(left_out == LeftOut::kMessage ? "" : MessageOf(status));
    message += WordsFor(left_out);
    if (!message.empty()) AddOwned("grpc-message", PercentEncode(message));
    if (left_out != LeftOut::kNothing) return;
    const std::string details = SerializeStatusDetails(status);
    if (!details.empty()) AddOwned("grpc-status-details-bin", Encoded(details));
  }

  std::span<const OutgoingField> fields() const {
    return many_.empty() ? std::span(few_.data(), count_) : std::span(many_);
  }

 private:
  static std::string Encoded(std::string_view octets) {
    std::string encoded(Base64EncodedBytes(octets.size()), '\0');
    Base64Encode(octets, encoded.data());
    return encoded;
  }

  static constexpr size_t kFewFields = 16;

  std::array<OutgoingField, kFewFields> few_;
  size_t count_ = 0;                     // in few_
  std::vector<OutgoingField> many_;      // all of them, where there are more
  std::forward_list<std::string> texts_;  // a list, since the fields view its strings
};

wire::MessagePrefix PrefixOf(const MessageWriter& message) {
  return {static_cast<uint8_t>(message.compressed()), static_cast<uint32_t>(message.byte_size())};
}

bool IsEmpty(const Metadata* metadata) { return metadata == nullptr || metadata->empty(); }

}  // namespace

void Responder::SendUnary(http2::Stream& stream, const Answer& answer, const MessageWriter& message,
                          wire::Arena* arena) {
  connection_.ResetAfterEnd(stream);
  if (PENSTOCK_LIKELY(HeadIsUsual(answer) && IsEmpty(answer.trailing))) {
    const size_t bytes = wire::kMessagePrefixBytes + message.byte_size();
    uint8_t* room = connection_.SendWhole(stream, HeadBlock(answer), bytes, ok_trailers_);
    if (PENSTOCK_LIKELY(room != nullptr)) {
      message.SerializeTo(wire::StoreMessagePrefix(room, PrefixOf(message)));
      return;
    }
  }
  SendHead(stream, answer);
  if (!WriteNow(stream, message)) SendWaitingMessage(stream, message, arena);
  SendOkTrailers(stream, answer);
}

void Responder::SendHead(http2::Stream& stream, const Answer& answer) {
  if (PENSTOCK_LIKELY(HeadIsUsual(answer))) {
    const OutgoingField fields[] = {{":status", "200"},
                                    {"content-type", ResponseContentType(answer.content_type)},
                                    {"server", kServerName}};
    return connection_.SendPreparedHead(stream, HeadBlock(answer), fields, EndStream::kNo);
  }
  if (IsEmpty(answer.initial) && answer.content_type != ContentType::kGrpcOther) {
    return SendHeadWithEncoding(stream, answer);
  }
  FieldBuilder builder;
  builder.AddUsual("200", answer);
  builder.AddEncodings(answer);
  builder.AddMetadata(answer.initial);
  connection_.SendHead(stream, builder.fields(), EndStream::kNo);
}

// Without a FieldBuilder: a compressed response is to cost what it must.
void Responder::SendHeadWithEncoding(http2::Stream& stream, const Answer& answer) {
  std::array<OutgoingField, 5> fields;
  fields[0] = {":status", "200"};
  fields[1] = {"content-type", ResponseContentType(answer.content_type)};
  fields[2] = {"server", kServerName};
  size_t count = 3;
  if (!answer.encoding.empty()) fields[count++] = {"grpc-encoding", answer.encoding};
  if (!answer.accepted.empty()) fields[count++] = {"grpc-accept-encoding", answer.accepted};
  connection_.SendHead(stream, {fields.data(), count}, EndStream::kNo);
}

void Responder::SendMessage(http2::Stream& stream, const MessageWriter& message,
                            wire::SlabPool* scratch) {
  if (PENSTOCK_LIKELY(WriteNow(stream, message))) return;
  wire::Arena arena(scratch);  // not the call's, which keeps everything to its end
  SendWaitingMessage(stream, message, &arena);
}

// False where it does not fit one frame, or has to wait.
bool Responder::WriteNow(http2::Stream& stream, const MessageWriter& message) {
  const size_t bytes = wire::kMessagePrefixBytes + message.byte_size();
  uint8_t* const room = connection_.WriteData(stream, bytes);
  if (PENSTOCK_UNLIKELY(room == nullptr)) return false;
  message.SerializeTo(wire::StoreMessagePrefix(room, PrefixOf(message)));
  return true;
}

PENSTOCK_COLD void Responder::SendWaitingMessage(http2::Stream& stream,
                                                 const MessageWriter& message,
                                                 wire::Arena* scratch) {
  const size_t bytes = wire::kMessagePrefixBytes + message.byte_size();
  // What fits no frame is sent from where it is serialised.
  if (PENSTOCK_LIKELY(bytes > http2::kFramePayloadBytesDefault)) {
    const wire::LentBlock block(connection_.large_blocks(), bytes);  // a format may throw
    message.SerializeTo(wire::StoreMessagePrefix(block.data(), PrefixOf(message)));
    return connection_.SendShared(stream, {block.data(), bytes}, block.get(), EndStream::kNo);
  }
  auto* const room = static_cast<uint8_t*>(scratch->Allocate(bytes, 1));
  message.SerializeTo(wire::StoreMessagePrefix(room, PrefixOf(message)));
  connection_.SendData(stream, {room, bytes}, EndStream::kNo);
}

void Responder::SendTrailers(http2::Stream& stream, const Answer& answer, const Status& status) {
  connection_.ResetAfterEnd(stream);
  if (status.ok()) return SendOkTrailers(stream, answer);
  SendFittingTrailers(stream, answer, status);
}

void Responder::SendFittingTrailers(http2::Stream& stream, const Answer& answer,
                                    const Status& status) {
  for (const LeftOut left_out : kInTurn) {
    FieldBuilder builder;
    builder.AddStatus(status, left_out);
    if (left_out < LeftOut::kMetadata) builder.AddMetadata(answer.trailing);
    if (left_out != LeftOut::kMessage && !connection_.PeerTakes(builder.fields())) continue;
    return connection_.SendTrailers(stream, builder.fields());
  }
}

void Responder::SendOkTrailers(http2::Stream& stream, const Answer& answer) {
  if (PENSTOCK_LIKELY(IsEmpty(answer.trailing))) {
    return connection_.SendPreparedTrailers(stream, ok_trailers_, kOkTrailers);
  }
  FieldBuilder builder;
  builder.Add("grpc-status", "0");
  builder.AddMetadata(answer.trailing);
  if (PENSTOCK_LIKELY(connection_.PeerTakes(builder.fields()))) {
    return connection_.SendTrailers(stream, builder.fields());
  }
  // An OK that lacks what the handler sent would be a lie.
  SendFittingTrailers(stream, {},
                      MakeStatus(StatusCode::kResourceExhausted,
                                 "the response's trailing metadata exceeds what the caller takes "
                                 "as headers"));
}

void Responder::SendStatus(http2::Stream& stream, const Answer& answer, const Status& status) {
  connection_.ResetAfterEnd(stream);
  for (const LeftOut left_out : kInTurn) {
    FieldBuilder builder;
    builder.AddUsual("200", answer);
    builder.AddStatus(status, left_out);
    if (!answer.accepted.empty()) builder.Add("grpc-accept-encoding", answer.accepted);
    if (left_out < LeftOut::kMetadata) {
      builder.AddMetadata(answer.initial);
      builder.AddMetadata(answer.trailing);
    }
    if (left_out != LeftOut::kMessage && !connection_.PeerTakes(builder.fields())) continue;
    return connection_.SendHead(stream, builder.fields(), EndStream::kYes);
  }
}

void Responder::SendHttpStatus(http2::Stream& stream, std::string_view http_status,
                               const Status& status) {
  connection_.ResetAfterEnd(stream);
  FieldBuilder builder;
  builder.AddUsual(http_status, {});
  if (http_status == "405") builder.Add("allow", "POST");
  builder.AddStatus(status);
  connection_.SendHead(stream, builder.fields(), EndStream::kYes);
}

}  // namespace penstock::rpc
