#include "penstock/server/admin/trace.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <future>
#include <utility>

#include "penstock/reactor/cpu.h"
#include "penstock/server/admin/debug_pages.h"
#include "penstock/server/admin/html.h"
#include "penstock/server/session.h"

namespace penstock::server {
namespace {

// Ownership: as of a snapshot's letter: the shard's once it is posted.
struct Letter {
  ShardState* state;
  uint64_t connection_id;
  std::unique_ptr<rpc::FrameTap> tap;  // of a trace that begins
  std::promise<Trace> answer;
};

Session* FindSession(ShardState& state, uint64_t connection_id) {
  Session* found = nullptr;
  state.sessions.ForEach([&](Session& session) {
    if (session.link().socket().id() == connection_id) found = &session;
  });
  return found;
}

// The tap goes to the connection, and is the shard's: it may outlive that.
void BeginTrace(Letter& letter, Session* session) {
  ShardState& state = *letter.state;
  if (Session* before = FindSession(state, state.tapped_connection_id)) {
    before->link().SetTap(nullptr);
  }
  state.tap = std::move(letter.tap);
  state.tapped_connection_id = letter.connection_id;
  state.tap_is_found = session != nullptr;
  if (session != nullptr) session->link().SetTap(state.tap.get());
}

void OnLetter(void* context, uint64_t) {
  const std::unique_ptr<Letter> letter(static_cast<Letter*>(context));
  ShardState& state = *letter->state;
  Session* const session = FindSession(state, letter->connection_id);
  if (letter->tap != nullptr) BeginTrace(*letter, session);
  Trace trace;
  trace.has_answered = true;
  trace.connection_id = letter->connection_id;
  trace.is_found = state.tap_is_found;
  trace.is_open = session != nullptr;
  if (state.tap != nullptr && state.tapped_connection_id == letter->connection_id) {
    trace.records = state.tap->records();
    trace.left_out_count = state.tap->left_out_count();
  }
  letter->answer.set_value(std::move(trace));
}

std::string_view NameOf(http2::FrameType type) {
  constexpr std::string_view kNames[] = {"DATA",         "HEADERS", "PRIORITY", "RST_STREAM",
                                         "SETTINGS",     "PUSH_PROMISE", "PING", "GOAWAY",
                                         "WINDOW_UPDATE", "CONTINUATION"};
  const auto number = static_cast<size_t>(type);
  if (type == http2::FrameType::kPriorityUpdate) return "PRIORITY_UPDATE";
  return number < std::size(kNames) ? kNames[number] : "unknown";
}

// What the flags and the first octets say.
std::string DetailText(const rpc::FrameTap::Record& record) {
  using http2::FrameType;
  const http2::FrameHeader& header = record.header;
  std::array<char, 64> text{};
  switch (header.type) {
    case FrameType::kData:
    case FrameType::kHeaders:
      return header.has(http2::flags::kEndStream) ? "END_STREAM" : "";
    case FrameType::kSettings:
    case FrameType::kPing:
      return header.has(http2::flags::kAck) ? "ACK" : "";
    case FrameType::kRstStream:
      std::snprintf(text.data(), text.size(), "code %u", record.detail);
      break;
    case FrameType::kWindowUpdate:
      std::snprintf(text.data(), text.size(), "increment %u", record.detail);
      break;
    case FrameType::kGoAway:
      std::snprintf(text.data(), text.size(), "last stream %u", record.detail);
      break;
    default:
      break;
  }
  return text.data();
}

}  // namespace

std::optional<Trace> TraceDesk::Start(uint64_t connection_id, TimeNs duration_ns,
                                      TimeNs asked_at) {
  if (start_asked_at_ != asked_at) {
    start_asked_at_ = asked_at;
    connection_id_ = connection_id;
    began_at_ = reactor::ReadClock();
    until_ = SaturatingAdd(began_at_, std::clamp<TimeNs>(duration_ns, 0, kTraceNsMax));
    tap_ = std::make_unique<rpc::FrameTap>(until_);
  }
  return Ask(asked_at);
}

std::optional<Trace> TraceDesk::Read(TimeNs asked_at) {
  if (connection_id_ == 0) return Trace();
  return Ask(asked_at);
}

// False: no answer will come. The tap goes with the first letter that is taken.
bool TraceDesk::Post(size_t shard) {
  auto letter =
      std::make_unique<Letter>(Letter{states_[shard].get(), connection_id_, std::move(tap_), {}});
  std::future<Trace> answer = letter->answer.get_future();
  if (!shards_[shard]->Post(&OnLetter, letter.get())) {
    tap_ = std::move(letter->tap);
    return false;
  }
  static_cast<void>(letter.release());
  questions_[shard].Begin(std::move(answer));
  return true;
}

std::optional<Trace> TraceDesk::Ask(TimeNs asked_at) {
  Trace trace;
  trace.connection_id = connection_id_;
  const auto shard = static_cast<size_t>(connection_id_ >> 48);  // Socket::id()
  if (shard >= states_.size()) {
    trace.has_answered = true;
  } else {
    questions_.resize(states_.size());
    Question<Trace>& question = questions_[shard];
    std::optional<Trace> answer = question.Take(0);
    // An earlier page's, or one that went out before the trace began.
    if (answer && (question.asked_at() < asked_at || tap_ != nullptr)) answer.reset();
    if (!answer && !question.under_way() && Post(shard)) answer = question.Take(kBriefNs);
    if (answer) {
      trace = *std::move(answer);
    } else if (question.under_way() && !question.is_late() &&
               reactor::ReadClock() - asked_at < question.kPatienceNs) {
      return std::nullopt;
    }
  }
  trace.began_at = began_at_;
  trace.left_ns = std::max<TimeNs>(until_ - reactor::ReadClock(), 0);
  return trace;
}

std::string TracePage(const Trace& trace) {
  const bool is_running = trace.is_open && trace.left_ns > 0;
  HtmlPage page("Frames of a connection", is_running ? 1 : 0);
  if (trace.connection_id == 0) {
    page.Paragraph("Nothing is traced. /debug/trace?connection=ID&seconds=5 traces the connection "
                   "of that id for so long; /debug/connections has the ids.");
    return page.text();
  }
  const std::string name = "Connection " + std::to_string(trace.connection_id);
  if (!trace.has_answered) {
    page.Paragraph(name + ": its shard has not answered within a second.");
    return page.text();
  }
  if (!trace.is_found) {
    page.Paragraph(name + " is not open: /debug/connections has those that are.");
    return page.text();
  }
  page.Paragraph(name + (trace.is_open ? "" : ", which has ended") + ": " +
                 std::to_string(trace.records.size()) + " frames" +
                 (is_running ? ", and " + DurationText(trace.left_ns) + " to go." : "."));
  if (trace.left_out_count != 0) {
    page.Paragraph(std::to_string(trace.left_out_count) + " more are left out.");
  }
  page.BeginTable({"after", "", "frame", "stream", "octets", ""});
  for (const rpc::FrameTap::Record& record : trace.records) {
    page.Row({DurationText(std::max<TimeNs>(record.at - trace.began_at, 0)),
              record.is_sent ? "sent" : "received", std::string(NameOf(record.header.type)),
              std::to_string(record.header.stream_id), std::to_string(record.header.payload_bytes),
              DetailText(record)});
  }
  page.EndTable();
  return page.text();
}

}  // namespace penstock::server
