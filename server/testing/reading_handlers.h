// ReadingTest: a ServerTest whose server has handlers that read streams of Texts.
//
//     Collect   answers all texts, joined by commas
//     Chat      greets, then answers each text with itself and "!"
//
// A text may say what to do: "stop" ends the handler, "fail" with an error, "throw" by an
// exception; "hold" rests until the test releases it.
#ifndef PENSTOCK_SERVER_TESTING_READING_HANDLERS_H_
#define PENSTOCK_SERVER_TESTING_READING_HANDLERS_H_

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <string>
#include <string_view>

#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/reader.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/try.h"
#include "penstock/rpc/writer.h"
#include "penstock/server/testing/server_fixture.h"

namespace penstock::test {

inline constexpr ClientStreamingMethod<Text, Text> kCollect{"/penstock.test.Streams/Collect"};
inline constexpr BidiStreamingMethod<Text, Text> kChat{"/penstock.test.Streams/Chat"};

class ReadingTest : public ServerTest {
 protected:
  ReadingTest() {
    options_.http2.ping_strikes_max = UINT32_MAX;  // PINGs are how the tests pass time
    register_more_ = [this](Registry& registry) {
      // The test outlives the server, and so the lambdas.
      registry.Handle(kCollect,
                      [this](Call& call, Reader<Text>& in) { return Collect(call, in); });
      registry.Handle(kChat, [this](Call& call, Reader<Text>& in, Writer<Text>& out) {
        return Chat(call, in, out);
      });
    };
  }

  Task<StatusOr<Text>> Collect(Call& call, Reader<Text>& in) {
    const Running running(this);
    std::string all;
    for (;;) {
      const StatusOr<const Text*> next = co_await in.Next();
      if (!next.ok()) ended_with_.Set(next.status());
      const Text* text = co_await Try(next);
      if (text == nullptr || text->text() == "stop") break;
      ++read_count_;
      if (IsOrder(*text)) co_await Try(co_await Obey(call, text->text()));
      if (text->text().size() < 100) all.append(text->text()) += ",";
      queued_bytes_max_ = std::max<size_t>(queued_bytes_max_, in.queued_bytes());
    }
    Text reply(&call.arena());
    reply.set_text(all);
    co_return reply;
  }

  Task<Status> Chat(Call& call, Reader<Text>& in, Writer<Text>& out) {
    const Running running(this);
    Text answer;
    answer.set_text("hello");
    co_await Try(co_await out.Write(answer));
    while (const Text* text = co_await Try(co_await in.Next())) {
      ++read_count_;
      if (text->text() == "stop") break;
      if (IsOrder(*text)) co_await Try(co_await Obey(call, text->text()));
      answer.set_text(std::string(text->text()) + "!");
      co_await Try(co_await out.Write(answer));
    }
    co_return OkStatus();
  }

  // While the client keeps the connection going.
  void WaitUntilRead(TestClient& client, int count) {
    while (read_count_ < count) client.Ping();
  }
  void WaitUntilEnded() {
    TestClient other(address());
    while (running_count_ != 0) other.Ping();
  }

  std::atomic<bool> held_{true};
  std::atomic<int> running_count_{0};
  std::atomic<int> running_max_{0};
  std::atomic<int> read_count_{0};
  std::atomic<size_t> queued_bytes_max_{0};
  Shared<Status> ended_with_;

 private:
  class Running {
   public:
    explicit Running(ReadingTest* test) : test_(*test) {
      const int count = ++test_.running_count_;
      if (count > test_.running_max_) test_.running_max_ = count;
    }
    ~Running() { --test_.running_count_; }

   private:
    ReadingTest& test_;
  };

  // No task for each message: GCC without sibling calls takes stack for every one that is ready.
  static bool IsOrder(const Text& text) {
    return text.text() == "throw" || text.text() == "fail" || text.text() == "hold";
  }

  // `what` lives until the task has completed.
  Task<Status> Obey(Call& call, std::string_view what) {
    if (what == "throw") throw std::runtime_error("a secret");
    if (what == "fail") co_return MakeStatus(StatusCode::kNotFound, "there is none");
    if (what == "hold") {
      while (held_) co_await Try(co_await Sleep(call, kNsPerMs));
    }
    co_return OkStatus();
  }
};

}  // namespace penstock::test

#endif  // PENSTOCK_SERVER_TESTING_READING_HANDLERS_H_
