#include "penstock/http2/testing/session_end.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/wire/bytes.h"

namespace penstock::http2::testing {
namespace {

const OutgoingField kRequest[] = {{":method", "POST"}, {":scheme", "http"}, {":path", "/x"}};
const OutgoingField kResponse[] = {{":status", "200"}, {"content-type", "application/grpc"}};
const OutgoingField kTrailers[] = {{"grpc-status", "0"}};
constexpr size_t kStreamsMax = 400;

}  // namespace

SessionEnd::SessionEnd(Role role, const Limits& limits, std::mt19937_64* random)
    : random_(random), role_(role), connection_(role, limits, &workspace_, FieldClassifier{}) {
  connection_.Start(0);
}

SessionEnd::~SessionEnd() {
  EXPECT_FALSE(connection_.failed());
  EXPECT_EQ(workspace_.streams.lent_count(), 0u) << "every stream has ended and is released";
  EXPECT_EQ(slabs_.slabs_lent_count(), 0u);
}

SessionEnd::Record* SessionEnd::AnyRecord() {
  if (records_.empty()) return nullptr;
  const auto it = std::next(records_.begin(), static_cast<ptrdiff_t>(Below(records_.size())));
  return it->second.stream == nullptr ? nullptr : &it->second;
}

void SessionEnd::ActAtRandom() {
  const size_t choice = Below(100);
  if (role_ == Role::kClient && choice < 15) return Open();
  Record* record = AnyRecord();
  if (record == nullptr) return;
  if (choice < 30) return ReturnCredit(*record, record->unread_bytes);
  if (choice < 33) return SendReset(*record);
  if (record->local_ended) return;
  if (!record->head_sent) return SendHead(*record);
  if (choice < 70) return SendData(*record);
  if (choice < 90) return SendDataInPlace(*record);
  SendTrailers(*record);
}

void SessionEnd::Open() {
  if (!connection_.can_open_stream() || records_.size() >= kStreamsMax) return;
  Stream* stream = connection_.OpenStream();
  Record& record = records_[stream->id];
  record.end = this;
  record.stream = stream;
  stream->user = &record;
  SendHead(record);
}

void SessionEnd::SendHead(Record& record) {
  record.head_sent = true;
  const auto base = role_ == Role::kClient ? std::span<const OutgoingField>(kRequest)
                                           : std::span<const OutgoingField>(kResponse);
  const EndStream end = Below(10) == 0 ? EndStream::kYes : EndStream::kNo;
  Stream& stream = *record.stream;
  if (Below(2) == 0) {
    if (end == EndStream::kYes) NoteLocalEnd(record);
    return connection_.SendPreparedHead(stream, prepared_, base, end);
  }
  // Now and then something that enters the table, or needs CONTINUATION frames.
  const std::string value(Below(10) == 0 ? 20'000 : Below(100), static_cast<char>('a' + Below(26)));
  std::vector<OutgoingField> fields(base.begin(), base.end());
  fields.push_back({"x-random", value});
  if (end == EndStream::kYes) NoteLocalEnd(record);
  connection_.SendHead(stream, fields, end);
}

void SessionEnd::SendData(Record& record) {
  const std::string data(Below(4) == 0 ? Below(50'000) : Below(300),
                         static_cast<char>('a' + Below(26)));
  record.sent += data;
  Stream& stream = *record.stream;
  const EndStream end = Below(6) == 0 ? EndStream::kYes : EndStream::kNo;
  if (end == EndStream::kYes) {
    if (Below(3) == 0 && role_ == Role::kServer) {
      connection_.ResetAfterEnd(stream);
      if (!record.remote_ended) {
        record.was_reset = true;  // the rest of the request is lost
        record.remote_ended = true;
      }
    }
    NoteLocalEnd(record);
  }
  connection_.SendData(stream, wire::AsBytes(data), end);
}

void SessionEnd::SendDataInPlace(Record& record) {
  const size_t bytes = Below(1000);
  uint8_t* room = connection_.BeginData(*record.stream, bytes);
  if (room == nullptr) return;
  std::memset(room, 'A', bytes);
  record.sent.append(bytes, 'A');
  connection_.CommitData(*record.stream, bytes, EndStream::kNo);
}

void SessionEnd::SendTrailers(Record& record) {
  record.trailers_sent = true;
  Stream& stream = *record.stream;
  NoteLocalEnd(record);
  if (Below(2) == 0) return connection_.SendTrailers(stream, kTrailers);
  PreparedBlock block;
  connection_.SendPreparedTrailers(stream, block, kTrailers);
}

void SessionEnd::SendReset(Record& record) {
  record.was_reset = true;
  Stream& stream = *record.stream;
  LetGo(record);
  connection_.SendReset(stream, ErrorCode::kCancel);
}

void SessionEnd::ReturnCredit(Record& record, uint32_t bytes) {
  record.unread_bytes -= bytes;
  connection_.ReturnCredit(*record.stream, bytes);
}

void SessionEnd::NoteLocalEnd(Record& record) {
  record.local_ended = true;
  if (record.remote_ended) LetGo(record);
}

void SessionEnd::LetGo(Record& record) {
  if (record.unread_bytes > 0) ReturnCredit(record, record.unread_bytes);
  record.stream->user = nullptr;
  record.stream = nullptr;
}

void SessionEnd::HearEnd(Record& record) {
  EXPECT_FALSE(record.remote_ended) << "a stream ends once";
  record.remote_ended = true;
  if (record.local_ended) LetGo(record);
}

void SessionEnd::Hear(const Event& event) {
  if (event.kind == Event::Kind::kHead && role_ == Role::kServer) {
    EXPECT_FALSE(records_.contains(event.stream->id));
    Record& fresh = records_[event.stream->id];
    fresh.end = this;
    fresh.stream = event.stream;
    event.stream->user = &fresh;
  }
  Record* record = event.stream == nullptr ? nullptr : static_cast<Record*>(event.stream->user);
  EXPECT_EQ(record == nullptr, event.stream == nullptr)
      << "events of a stream are told to its user";
  switch (event.kind) {
    case Event::Kind::kData:
      EXPECT_EQ(record->end, this);
      record->received += wire::AsString(event.data);
      record->unread_bytes += static_cast<uint32_t>(event.data.size());
      break;
    case Event::Kind::kTrailers:
      record->trailers_received = true;
      break;
    case Event::Kind::kStreamReset:
      EXPECT_NE(event.error.initiator, Initiator::kPeerFault) << event.error.text;
      record->was_reset = true;
      LetGo(*record);
      return;
    case Event::Kind::kConnectionError:
      ADD_FAILURE() << event.error.text;
      return;
    default:
      break;
  }
  if (event.end_stream) HearEnd(*record);
}

void SessionEnd::HearAll() {
  for (;;) {
    const Event event = connection_.NextEvent();
    if (event.kind == Event::Kind::kNone) return;
    Hear(event);
  }
}

bool SessionEnd::Deliver(SessionEnd& other, size_t bytes) {
  if (connection_.has_events()) HearAll();
  wire::OutputChain& output = connection_.NextOutput();
  if (output.empty()) return false;
  wire::Bytes piece;
  output.Gather({&piece, 1});
  const std::vector<uint8_t> copy(
      piece.begin(), piece.begin() + static_cast<ptrdiff_t>(std::min(bytes, piece.size())));
  output.Consume(copy.size());
  other.connection_.Receive(copy, 0);
  other.HearAll();
  return true;
}

void SessionEnd::Finish() {
  for (auto& [id, record] : records_) {
    if (record.stream != nullptr && record.unread_bytes > 0) {
      ReturnCredit(record, record.unread_bytes);
    }
    if (record.stream == nullptr || record.local_ended) continue;
    Stream& stream = *record.stream;
    NoteLocalEnd(record);
    if (record.head_sent) {
      connection_.SendData(stream, {}, EndStream::kYes);
    } else {
      connection_.SendHead(stream, kResponse, EndStream::kYes);
    }
  }
}

void SessionEnd::ExpectAllArrived(const SessionEnd& other) const {
  for (const auto& [id, record] : records_) {
    SCOPED_TRACE(id);
    const auto it = other.records_.find(id);
    if (it == other.records_.end()) {
      EXPECT_TRUE(record.was_reset);
      continue;
    }
    const Record& theirs = it->second;
    if (record.was_reset || theirs.was_reset) {
      EXPECT_TRUE(record.sent.starts_with(theirs.received));
      continue;
    }
    EXPECT_EQ(record.sent, theirs.received);
    EXPECT_TRUE(theirs.remote_ended);
    EXPECT_EQ(record.trailers_sent, theirs.trailers_received);
  }
}

}  // namespace penstock::http2::testing
