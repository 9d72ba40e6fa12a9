#include "penstock/http2/testing/dialogue.h"

#include <algorithm>
#include <utility>

#include "gtest/gtest.h"

#include "penstock/wire/bytes.h"

namespace penstock::http2::testing {

Dialogue::Dialogue(Role role, const Limits& limits, Handshake handshake)
    : connection_(std::make_unique<Connection>(role, limits, &workspace_, FieldClassifier{})),
      encoder_(limits.decoder_table_bytes),
      scanner_(4096),
      preface_bytes_left_(role == Role::kClient ? kClientPreface.size() : 0) {
  connection_->Start(0);
  if (handshake == Handshake::kOpen) return;
  if (role == Role::kServer) SendsBytes(kClientPreface);
  Sends(SettingsFrame({}), SettingsAck());
  TakeFrames();
  TakeEvents();
}

Dialogue::~Dialogue() {
  connection_.reset();
  EXPECT_EQ(workspace_.streams.lent_count(), 0u);
  EXPECT_EQ(slabs_.slabs_lent_count(), 0u);
}

void Dialogue::SendsBytes(std::string_view bytes) {
  // A copy of its own, so that a look beyond its end is seen.
  const std::vector<uint8_t> piece(bytes.begin(), bytes.end());
  connection_->Receive(piece, now_);
  for (;;) {
    const Event event = connection_->NextEvent();
    if (event.kind == Event::Kind::kNone) return;
    Hear(event);
  }
}

void Dialogue::ScanOutput() { TakeOutput(SIZE_MAX); }

void Dialogue::TakeOutput(size_t bytes) {
  wire::OutputChain& output = connection_->NextOutput();
  while (bytes > 0 && !output.empty()) {
    wire::Bytes piece;
    output.Gather({&piece, 1});
    std::string text(wire::AsString(piece.first(std::min(piece.size(), bytes))));
    bytes -= text.size();
    output.Consume(text.size());
    const size_t preface = std::min(preface_bytes_left_, text.size());
    EXPECT_EQ(text.substr(0, preface),
              kClientPreface.substr(kClientPreface.size() - preface_bytes_left_, preface));
    preface_bytes_left_ -= preface;
    for (Frame& frame : scanner_.Scan(std::string_view(text).substr(preface))) {
      frames_.push_back(std::move(frame));
    }
    if (output.empty()) connection_->NextOutput();
  }
}

void Dialogue::Expects(const Frame& frame) {
  ScanOutput();
  if (frames_.empty()) {
    ADD_FAILURE() << "no frame in the output; wanted " << ::testing::PrintToString(frame);
    return;
  }
  EXPECT_EQ(frames_.front(), frame);
  frames_.pop_front();
}

void Dialogue::ExpectsNothing() {
  ScanOutput();
  EXPECT_EQ(frames_, std::deque<Frame>{});
}

std::vector<Frame> Dialogue::TakeFrames() {
  ScanOutput();
  std::vector<Frame> frames(frames_.begin(), frames_.end());
  frames_.clear();
  return frames;
}

Stream& Dialogue::Open() {
  Stream* stream = connection_->OpenStream();
  stream->user = this;
  streams_[stream->id] = stream;
  return *stream;
}

Events Dialogue::TakeEvents() {
  Events events;
  for (const Heard& heard : heard_) {
    std::string text = heard.text;
    if (heard.data.size() > 40) {
      text += ' ' + std::to_string(heard.data.size()) + " octets";
    } else if (!heard.data.empty()) {
      text += ' ' + heard.data;
    }
    if (heard.end_stream) text += " END";
    events.push_back(std::move(text));
  }
  heard_.clear();
  return events;
}

void Dialogue::Hear(const Event& event) {
  if (event.kind == Event::Kind::kNone) return;
  if (event.kind == Event::Kind::kData) {
    HearData(event);
  } else {
    heard_.push_back({TextOf(event), "", 0, event.end_stream});
  }
  if (event.stream != nullptr) {
    const bool offers = event.kind == Event::Kind::kHead || event.kind == Event::Kind::kPushPromise;
    if (takes_streams_ && offers) event.stream->user = this;
    streams_[event.stream->id] = event.stream;
    if (event.kind == Event::Kind::kStreamReset) {
      event.stream->user = nullptr;
      streams_.erase(event.stream->id);
    }
  }
  if (on_event_) on_event_(event);
}

void Dialogue::HearData(const Event& event) {
  EXPECT_NE(event.stream->user, nullptr) << "DATA is told to users only";
  const bool joins = !heard_.empty() && heard_.back().data_stream_id == event.stream->id &&
                     !heard_.back().end_stream;
  if (!joins) heard_.push_back({"DATA " + std::to_string(event.stream->id), "", event.stream->id});
  heard_.back().data += wire::AsString(event.data);
  heard_.back().end_stream = event.end_stream;
  if (returns_credit_) {
    connection_->ReturnCredit(*event.stream, static_cast<uint32_t>(event.data.size()));
  }
}

std::string Dialogue::TextOf(const Event& event) const {
  const std::string id = event.stream == nullptr ? "" : ' ' + std::to_string(event.stream->id);
  const auto main_field = [this] {
    const MessageHead& head = connection_->head();
    const HeaderField* field = head.path != nullptr ? head.path : head.status;
    return field == nullptr ? std::string() : ' ' + std::string(field->value);
  };
  switch (event.kind) {
    case Event::Kind::kHead:
      return "HEAD" + id + main_field();
    case Event::Kind::kInformational:
      return "INFORMATIONAL" + id + main_field();
    case Event::Kind::kHeadTooLarge:
      return "HEAD_TOO_LARGE" + id;
    case Event::Kind::kTrailers: {
      std::string text = "TRAILERS" + id;
      for (const HeaderField& field : connection_->fields()) {
        text += ' ' + std::string(field.name) + '=' + std::string(field.value);
      }
      return text;
    }
    case Event::Kind::kPushPromise:
      return "PROMISE" + id + main_field() + " on " +
             std::to_string(connection_->promise_parent_id());
    case Event::Kind::kStreamReset: {
      static constexpr std::string_view kBy[] = {" by fault", " by peer", " by us"};
      return "RESET" + id + ' ' + std::string(ErrorCodeName(event.error.code)) +
             std::string(kBy[static_cast<size_t>(event.error.initiator)]);
    }
    case Event::Kind::kSettings:
      return "SETTINGS";
    case Event::Kind::kPingAck:
      return "PING_ACK " + std::to_string(connection_->ping_opaque());
    case Event::Kind::kGoAway:
      return "GOAWAY " + std::to_string(connection_->peer_last_stream_id()) + ' ' +
             std::string(ErrorCodeName(event.error.code));
    case Event::Kind::kConnectionError:
      return "CONNECTION_ERROR " + std::string(ErrorCodeName(event.error.code)) + ": " +
             event.error.text;
    case Event::Kind::kNone:
    case Event::Kind::kData:
      break;
  }
  return "";
}

}  // namespace penstock::http2::testing
