// FakeReader and FakeWriter: the streams of a handler under test. The test pushes what the caller
// sends, and looks at what the handler writes.
//
//     testing::FakeCall call;
//     testing::FakeReader<Point> in(&call);
//     in.Push(point);
//     in.End();
//     StatusOr<RouteSummary> summary = call.Run(guide.RecordRoute(call, in));
//
//     testing::FakeWriter<Feature> out(&call);
//     EXPECT_TRUE(call.Run(guide.ListFeatures(call, area, out)).ok());
//     EXPECT_THAT(out.messages(), ElementsAre(Property(&Feature::name, "Bieudron")));
//
// Ownership: the call outlives them, and they outlive its handler: declare them behind the call and
//            before what Start() gives.
// Threading: the test's one thread.
#ifndef PENSTOCK_RPC_TESTING_FAKE_STREAMS_H_
#define PENSTOCK_RPC_TESTING_FAKE_STREAMS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/codec/message_format.h"
#include "penstock/reactor/wait.h"
#include "penstock/rpc/message_source.h"
#include "penstock/rpc/message_writer.h"
#include "penstock/rpc/reader.h"
#include "penstock/rpc/status.h"
#include "penstock/rpc/testing/fake_call.h"
#include "penstock/rpc/writer.h"
#include "penstock/wire/arena.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"
#include "penstock/wire/message_prefix.h"

namespace penstock::testing {

// A message as it travels.
template <typename Message>
std::string OctetsOf(const Message& message) {
  const rpc::MessageWriter writer(message);
  std::string octets(writer.byte_size(), '\0');
  writer.SerializeTo(reinterpret_cast<uint8_t*>(octets.data()));
  return octets;
}

// What was pushed and not read yet.
class FakeSource final : public rpc::MessageSource {
 public:
  void Push(std::string octets);
  void End(Status how);

  bool is_ready() const override { return ended_ || !messages_.empty(); }
  bool Take(wire::Bytes* message) override;
  Status end_status() const override { return end_status_; }
  void WakeWhenReady(reactor::Wait& wait) override { waits_.PushBack(wait); }
  size_t queued_count() const override { return messages_.size(); }
  size_t queued_bytes() const override { return queued_bytes_; }

 private:
  void Wake() {
    while (reactor::Wait* wait = waits_.PopFront()) wait->Wake();
  }

  std::deque<std::string> messages_;
  std::string taken_;
  size_t queued_bytes_ = 0;
  bool ended_ = false;
  Status end_status_;
  reactor::WaitList waits_;
};

// There before the Reader is.
struct SourceOfFakeReader {
  FakeSource source;
};

template <typename Message>
class FakeReader final : private SourceOfFakeReader, public Reader<Message> {
 public:
  explicit FakeReader(FakeCall* call) : Reader<Message>(call, &source), fake_call_(*call) {}

  // The caller sends it. Not behind End().
  void Push(const Message& message) { PushOctets(OctetsOf(message)); }
  // The same with a message as it travels, which need not be one.
  void PushOctets(std::string_view octets) {
    source.Push(std::string(octets));
    fake_call_.RunReady();
  }
  // The caller has sent all it wanted to; or what became of its stream. The first time counts.
  void End(Status how = OkStatus()) {
    source.End(std::move(how));
    fake_call_.RunReady();
  }

 private:
  FakeCall& fake_call_;
};

// What a handler wrote, as messages that the caller would have read.
template <typename Message>
class FakeSink final : public rpc::MessageSink {
 public:
  explicit FakeSink(FakeCall* call) : call_(*call) {}

  bool Send(const rpc::MessageWriter& message) override {
    call_.CountSent();
    if (call_.cancelled()) return false;
    SendHead();
    wire::Arena& arena = call_.arena();
    const size_t bytes = message.byte_size();
    auto* const octets = static_cast<uint8_t*>(arena.Allocate(bytes, 1));
    message.SerializeTo(octets);
    Message& read = Format::Of(holders_.emplace_back(&arena));
    const bool is_good =
        Format::Parse(read, {octets, bytes}, codec::StringRule::kAlias).ok();
    PENSTOCK_CHECK(is_good, "what the handler wrote cannot be read: is a required field missing?");
    messages_.push_back(&read);
    return is_full();
  }
  void SendHead() override {
    if (std::exchange(head_sent_, true)) return;
    call_.NoteHead();
  }
  bool is_full() const override { return messages_.size() - taken_count_ > untaken_max_; }
  void WakeWhenNotFull(reactor::Wait& wait) override { waits_.PushBack(wait); }

  void set_untaken_max(size_t count) { untaken_max_ = count; }
  const Message* Take() {
    if (taken_count_ == messages_.size()) return nullptr;
    const Message* const oldest = messages_[taken_count_++];
    Wake();
    return oldest;
  }
  void Wake() {
    while (!is_full()) {
      reactor::Wait* const wait = waits_.PopFront();
      if (wait == nullptr) return;
      wait->Wake();
    }
  }
  const std::vector<const Message*>& messages() const { return messages_; }
  bool head_sent() const { return head_sent_; }

 private:
  using Format = codec::MessageFormat<Message>;

  FakeCall& call_;
  std::deque<typename Format::Holder> holders_;  // which never move
  std::vector<const Message*> messages_;
  size_t taken_count_ = 0;
  size_t untaken_max_ = SIZE_MAX;
  bool head_sent_ = false;
  reactor::WaitList waits_;
};

// There before the Writer is.
template <typename Message>
struct SinkOfFakeWriter {
  FakeSink<Message> sink;
};

template <typename Message>
class FakeWriter final : private SinkOfFakeWriter<Message>, public Writer<Message> {
 public:
  explicit FakeWriter(FakeCall* call)
      : SinkOfFakeWriter<Message>{FakeSink<Message>(call)},
        Writer<Message>(call, &this->sink),
        fake_call_(*call) {}

  // All that was written before the call was over; they live as long as this.
  const std::vector<const Message*>& messages() const { return this->sink.messages(); }
  // The caller has the response's head, with initial_metadata() as it was then.
  bool head_sent() const { return this->sink.head_sent(); }

  // The caller reads slowly: Write() suspends while more than so many messages lie here that were
  // not Take()n. There is no limit at first.
  void SetUntakenMax(size_t count) {
    this->sink.set_untaken_max(count);
    this->sink.Wake();
    fake_call_.RunReady();
  }
  // The caller reads the oldest that it has not read; null: there is none. It stays in messages().
  const Message* Take() {
    const Message* const oldest = this->sink.Take();
    fake_call_.RunReady();
    return oldest;
  }

 private:
  FakeCall& fake_call_;
};

}  // namespace penstock::testing

#endif  // PENSTOCK_RPC_TESTING_FAKE_STREAMS_H_
