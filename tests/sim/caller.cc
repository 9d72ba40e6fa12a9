#include "penstock/tests/sim/caller.h"

#include <utility>

#include "penstock/client/testing/root_coroutine.h"
#include "penstock/rpc/call_wait.h"
#include "penstock/tests/sim/handlers.h"
#include "penstock/tests/sim/piece.h"

namespace penstock::test::sim {

using client::Duplex;
using client::testing::RootCoroutine;

Caller::Caller(uint64_t id, const CallPlan* plan, reactor::Shard* its_shard, Findings* findings)
    : id_(id), plan_(*plan), findings_(*findings), shard_(*its_shard) {
  options_.SetTimeout(plan->timeout_ns)
      .SetWaitForReady(plan->waits_for_ready)
      .SetCompression(plan->compression);
  findings_.Expect(options_.AddMetadata(kCallKey, std::to_string(id)), "a call's name is sent");
}

void Caller::Begin(client::Channel* channel) {
  begun_ = true;
  reactor::SimNet& net = findings_.net();
  net.trace().Note(net.Now(),
                   "call %d begins: %s, %u pieces of %u, the handler: %s at %u, the client: %s at "
                   "%u, timeout %.3f ms%s",
                   static_cast<int>(id_), NameOf(plan_.kind), plan_.count, plan_.bytes,
                   NameOf(plan_.act), plan_.act_at, NameOf(plan_.whim), plan_.whim_at,
                   static_cast<double>(plan_.timeout_ns) / kNsPerMs,
                   plan_.waits_for_ready ? ", waits for ready" : "");
  scope_ = std::make_unique<client::Scope>(&shard_);
  work_ = std::make_unique<WorkClient>(channel);
  [](Caller* caller) -> RootCoroutine {  // which captures nothing
    co_await caller->Run();
    caller->ended_ = true;
    caller->work_.reset();
    caller->scope_.reset();
  }(this);
}

void Caller::Cancel() {
  if (scope_ != nullptr) scope_->Cancel();
}

Task<void> Caller::Run() {
  switch (plan_.kind) {
    case Kind::kAsk:
    case Kind::kAskLater:
      return RunUnary();
    case Kind::kDownload:
      return RunDownload();
    case Kind::kUpload:
      return RunUpload();
    case Kind::kTalk:
      break;
  }
  return RunTalk();
}

// --- What is said

void Caller::FillRequest(uint32_t index, Piece* request) const {
  Fill(id_, Speaker::kClient, index, plan_.bytes, request);
  request->clear_order();
  if (index != 0) return;
  Order& order = *request->mutable_order();
  order.set_act(static_cast<uint32_t>(plan_.act));
  order.set_at(plan_.act_at);
  order.set_rest_ns(plan_.rest_ns);
  order.set_count(plan_.count);
  order.set_bytes(plan_.bytes);
  order.set_compresses(plan_.is_reply_compressed);
}

bool Caller::IsTimeFor(Whim whim, uint32_t index) const {
  return plan_.whim == whim && plan_.whim_at == index;
}

// --- What is heard

void Caller::Complain(const std::string& what) {
  findings_.Add("call " + std::to_string(id_) + " (" + NameOf(plan_.kind) + "): " + what);
}

void Caller::Hear(const Piece& piece, uint32_t index) {
  const std::string why = WhyWrong(piece, id_, Speaker::kServer, index, plan_.bytes);
  if (!why.empty()) Complain("the client reads " + why);
}

void Caller::End(const Status& status) {
  if (has_status_) Complain("has two statuses");
  has_status_ = true;
  status_ = status;
  reactor::SimNet& net = findings_.net();
  net.trace().Note(net.Now(), "call %d ends: %s", static_cast<int>(id_),
                   status.ToString().c_str());
}

// With OK, after so many pieces.
void Caller::EndWell(const Metadata& trailing, uint32_t said_count, uint32_t due_count) {
  End(OkStatus());
  const std::string name(trailing.Get(kCallKey).value_or("nobody"));
  if (name != std::to_string(id_)) Complain("has the trailers of " + name);
  if (plan_.act == Act::kLeave) due_count = std::min(due_count, plan_.act_at);
  if (said_count == due_count) return;
  Complain("is OK with " + std::to_string(said_count) + " pieces of " +
           std::to_string(due_count));
}

// --- The kinds

Task<void> Caller::RunUnary() {
  Piece request;
  FillRequest(0, &request);
  client::Unary<Piece> asking = plan_.kind == Kind::kAsk
                                    ? work_->Ask(*scope_, request, options_)
                                    : work_->AskLater(*scope_, request, options_);
  if (plan_.whim == Whim::kRest) (void)co_await Sleep(*scope_, plan_.rest_ns);
  if (plan_.whim == Whim::kCancel) scope_->Cancel();
  if (plan_.whim == Whim::kDrop) {
    dropped_ = true;
    co_return;
  }
  const StatusOr<Piece> reply = co_await asking;
  if (!reply.ok()) {
    End(reply.status());
    co_return;
  }
  Hear(*reply, 0);
  EndWell(asking.trailing_metadata(), 0, 0);
}

Task<void> Caller::RunDownload() {
  Piece request;
  FillRequest(0, &request);
  client::Download<Piece> download = work_->Download(*scope_, request, options_);
  for (uint32_t count = 0;; ++count) {
    if (IsTimeFor(Whim::kRest, count)) (void)co_await Sleep(*scope_, plan_.rest_ns);
    if (IsTimeFor(Whim::kCancel, count)) download.Cancel();
    if (IsTimeFor(Whim::kDrop, count)) {
      dropped_ = true;
      co_return;
    }
    const StatusOr<const Piece*> next = co_await download.Next();
    if (!next.ok()) {
      End(next.status());
      co_return;
    }
    if (*next == nullptr) {
      EndWell(download.trailing_metadata(), count, plan_.count);
      co_return;
    }
    Hear(**next, count);
  }
}

Task<void> Caller::RunUpload() {
  client::Upload<Piece, Piece> upload = work_->Upload(*scope_, options_);
  Piece piece;
  for (uint32_t i = 0; i < plan_.count; ++i) {
    if (IsTimeFor(Whim::kRest, i)) (void)co_await Sleep(*scope_, plan_.rest_ns);
    if (IsTimeFor(Whim::kCancel, i)) upload.Cancel();
    if (IsTimeFor(Whim::kDrop, i)) {
      dropped_ = true;
      co_return;
    }
    FillRequest(i, &piece);
    const Status written = co_await upload.Write(piece);
    if (!written.ok()) break;
    ++written_count_;
  }
  const StatusOr<Piece> reply = co_await upload.Finish();
  if (!reply.ok()) {
    End(reply.status());
    co_return;
  }
  // Without a piece the server does not know how large its own may be.
  if (written_count_ != 0) Hear(*reply, 0);
  EndWell(upload.trailing_metadata(), reply->count(), plan_.count);
}

Task<void> Caller::RunTalk() {
  Duplex<Piece, Piece> talk = work_->Talk(*scope_, options_);
  Task<void> writing = Write(&talk);
  Task<void> reading = Read(&talk);
  (void)co_await WhenAll(std::move(writing), std::move(reading));
}

// `talk` outlives both.
Task<void> Caller::Write(Duplex<Piece, Piece>* talk) {
  Piece piece;
  for (uint32_t i = 0; i < plan_.count; ++i) {
    FillRequest(i, &piece);
    const Status written = co_await talk->Write(piece);
    if (!written.ok()) break;
    ++written_count_;
  }
  talk->CloseWrites();
}

Task<void> Caller::Read(Duplex<Piece, Piece>* talk) {
  for (uint32_t count = 0;; ++count) {
    if (IsTimeFor(Whim::kRest, count)) (void)co_await Sleep(*scope_, plan_.rest_ns);
    // The writer has hold of it: it cannot go.
    if (IsTimeFor(Whim::kCancel, count) || IsTimeFor(Whim::kDrop, count)) talk->Cancel();
    const StatusOr<const Piece*> next = co_await talk->Next();
    if (!next.ok()) {
      End(next.status());
      co_return;
    }
    if (*next == nullptr) {
      EndWell(talk->trailing_metadata(), count, plan_.count);
      co_return;
    }
    Hear(**next, count);
  }
}

}  // namespace penstock::test::sim
