// FakeBlockingReader and FakeBlockingWriter: the streams of a handler for workers under test. Such
// a handler is a plain function, which the test calls on its one thread: what it is to read has
// been pushed before.
//
//     testing::FakeCall call;
//     testing::FakeBlockingReader<Point> in(&call);
//     in.Push(point);
//     in.End();
//     RouteSummary summary;
//     EXPECT_TRUE(guide.RecordRoute(call, in, summary).ok());
//
// Ownership: the call outlives them.
// Threading: the test's one thread.
#ifndef PENSTOCK_RPC_TESTING_FAKE_BLOCKING_STREAMS_H_
#define PENSTOCK_RPC_TESTING_FAKE_BLOCKING_STREAMS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/rpc/blocking_reader.h"
#include "penstock/rpc/blocking_writer.h"
#include "penstock/rpc/message_writer.h"
#include "penstock/rpc/status.h"
#include "penstock/rpc/testing/fake_call.h"
#include "penstock/rpc/testing/fake_streams.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/slab_pool.h"

namespace penstock::testing {

// What was pushed. Nobody can push while the handler waits: time passes then, to the call's
// deadline; without one INTERNAL says so.
class FakeBlockingSource final : public rpc::BlockingSource {
 public:
  explicit FakeBlockingSource(FakeCall* call) : call_(*call) {}

  FakeSource& pushed() { return pushed_; }
  bool Take(wire::Bytes* message, Status* end) override;
  wire::SlabPool& slabs() override { return call_.shard().slabs(); }

 private:
  FakeCall& call_;
  FakeSource pushed_;
};

// There before the reader is.
struct SourceOfFakeBlockingReader {
  FakeBlockingSource source;
};

template <typename Message>
class FakeBlockingReader final : private SourceOfFakeBlockingReader,
                                 public BlockingReader<Message> {
 public:
  explicit FakeBlockingReader(FakeCall* call)
      : SourceOfFakeBlockingReader{FakeBlockingSource(call)},
        BlockingReader<Message>(call, &source) {}

  // As with a FakeReader: the caller sends it; the same as octets; it has sent all.
  void Push(const Message& message) { source.pushed().Push(OctetsOf(message)); }
  void PushOctets(std::string_view octets) { source.pushed().Push(std::string(octets)); }
  void End(Status how = OkStatus()) { source.pushed().End(std::move(how)); }
};

// What the handler wrote.
template <typename Message>
class FakeBlockingSink final : public rpc::BlockingSink {
 public:
  explicit FakeBlockingSink(FakeCall* call) : call_(*call), written_(call) {}

  Status Send(const rpc::MessageWriter& message) override {
    written_.Send(message);
    if (call_.cancelled()) return call_.cancel_status();
    if (written_.messages().size() == cancel_behind_count_) call_.Cancel();
    return OkStatus();
  }
  void SendHead() override { written_.SendHead(); }

  const FakeSink<Message>& written() const { return written_; }
  void set_cancel_behind_count(size_t count) { cancel_behind_count_ = count; }

 private:
  FakeCall& call_;
  FakeSink<Message> written_;
  size_t cancel_behind_count_ = SIZE_MAX;
};

// There before the writer is.
template <typename Message>
struct SinkOfFakeBlockingWriter {
  FakeBlockingSink<Message> sink;
};

template <typename Message>
class FakeBlockingWriter final : private SinkOfFakeBlockingWriter<Message>,
                                 public BlockingWriter<Message> {
 public:
  explicit FakeBlockingWriter(FakeCall* call)
      : SinkOfFakeBlockingWriter<Message>{FakeBlockingSink<Message>(call)},
        BlockingWriter<Message>(call, &this->sink) {}

  // All that was written before the call was over; they live as long as this.
  const std::vector<const Message*>& messages() const { return this->sink.written().messages(); }
  bool head_sent() const { return this->sink.written().head_sent(); }

  // The caller goes away behind so many messages: the next Write() answers CANCELLED.
  void CancelBehind(size_t count) { this->sink.set_cancel_behind_count(count); }
};

}  // namespace penstock::testing

#endif  // PENSTOCK_RPC_TESTING_FAKE_BLOCKING_STREAMS_H_
