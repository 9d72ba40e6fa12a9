// BlockingTest: a ServerTest whose server has handlers that stream, plain functions on one worker.
//
//     Give      answers `messages_count_` Texts of `message_bytes_` octets
//     Collect   answers all texts, joined by commas
//     Chat      answers each text with itself and "!"
//
// A text may say what to do: "stop" ends the handler, "fail" with an error, "throw" by an
// exception; "hold" rests until the test releases it, or the call is over; "flood" writes without
// end.
#ifndef PENSTOCK_SERVER_TESTING_BLOCKING_HANDLERS_H_
#define PENSTOCK_SERVER_TESTING_BLOCKING_HANDLERS_H_

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "penstock/rpc/blocking_reader.h"
#include "penstock/rpc/blocking_writer.h"
#include "penstock/server/testing/server_fixture.h"

namespace penstock::test {

inline constexpr ServerStreamingMethod<Text, Text> kGive{"/penstock.test.Blocking/Give"};
inline constexpr ClientStreamingMethod<Text, Text> kCollect{"/penstock.test.Blocking/Collect"};
inline constexpr BidiStreamingMethod<Text, Text> kChat{"/penstock.test.Blocking/Chat"};
inline constexpr std::string_view kStreamingPaths[] = {kGive.path, kCollect.path, kChat.path};

class BlockingTest : public ServerTest {
 protected:
  BlockingTest() {
    options_.http2.ping_strikes_max = UINT32_MAX;  // PINGs are how the tests pass time
    options_.workers = 1;
    register_more_ = [this](Registry& registry) {
      // The test outlives the server, and so the lambdas.
      registry.Handle(
          kGive,
          [this](Call& call, const Text& request, BlockingWriter<Text>& out) {
            return Noted(Give(call, request, out));
          },
          RunOn::kWorkers);
      registry.Handle(
          kCollect,
          [this](Call& call, BlockingReader<Text>& in, Text& reply) {
            return Noted(Collect(call, in, reply));
          },
          RunOn::kWorkers);
      registry.Handle(
          kChat,
          [this](Call& call, BlockingReader<Text>& in, BlockingWriter<Text>& out) {
            return Noted(Chat(call, in, out));
          },
          RunOn::kWorkers);
    };
  }

  uint32_t Begin(TestClient& client, std::string_view path, std::string_view data,
                 const Fields& more = {}) {
    const uint32_t id = client.Open(TestClient::Head(path, more));
    client.Send(id, data, path == kGive.path ? http2::EndStream::kYes : http2::EndStream::kNo);
    return id;
  }
  // While the client keeps the connection going.
  static void WaitUntil(TestClient& client, const std::atomic<int>& count, int want) {
    while (count < want) client.Ping();
  }
  void WaitUntilEnded(int count = 1) {
    while (ended_count_ < count) std::this_thread::yield();
  }

  int messages_count_ = 3;
  size_t message_bytes_ = 10;
  std::atomic<bool> held_{true};
  std::atomic<int> begun_count_{0};
  std::atomic<int> ended_count_{0};
  std::atomic<int> read_count_{0};
  std::atomic<int> written_count_{0};
  Shared<Status> ended_with_;

 private:
  // Keeps a copy that shares nothing: statuses count their references where the thread sanitizer
  // does not see it.
  Status Noted(const Status& status) {
    ended_with_.Set(MakeStatus(status.code(), MessageOf(status)));
    ++ended_count_;
    return status;
  }

  Status Give(Call& call, const Text& request, BlockingWriter<Text>& out) {
    ++begun_count_;
    Status status = Obey(call, request.text());
    const bool is_flood = request.text() == "flood";
    Text message;
    message.set_text(std::string(message_bytes_, 'm'));
    for (int i = 0; status.ok() && (is_flood || i < messages_count_); ++i) {
      status = out.Write(message);
      written_count_ += status.ok();
    }
    return status;
  }

  Status Collect(Call& call, BlockingReader<Text>& in, Text& reply) {
    ++begun_count_;
    std::string all;
    for (;;) {
      const StatusOr<const Text*> next = in.Next();
      if (!next.ok()) return next.status();
      if (*next == nullptr || (*next)->text() == "stop") break;
      ++read_count_;
      if (Status status = Obey(call, (*next)->text()); !status.ok()) return status;
      if ((*next)->text().size() < 100) all.append((*next)->text()) += ",";
    }
    reply.set_text(all);
    return OkStatus();
  }

  Status Chat(Call& call, BlockingReader<Text>& in, BlockingWriter<Text>& out) {
    ++begun_count_;
    Text answer;
    for (;;) {
      const StatusOr<const Text*> next = in.Next();
      if (!next.ok()) return next.status();
      if (*next == nullptr || (*next)->text() == "stop") return OkStatus();
      ++read_count_;
      if (Status status = Obey(call, (*next)->text()); !status.ok()) return status;
      answer.set_text(std::string((*next)->text()) + "!");
      do {
        if (Status status = out.Write(answer); !status.ok()) return status;
        ++written_count_;
      } while ((*next)->text() == "flood");
    }
  }

  Status Obey(Call& call, std::string_view what) {
    if (what == "throw") {
      ++ended_count_;
      throw std::runtime_error("a secret");
    }
    if (what == "fail") return MakeStatus(StatusCode::kNotFound, "there is none");
    if (what == "hold") {
      while (held_ && !call.cancelled()) std::this_thread::yield();
      return call.cancel_status();
    }
    return OkStatus();
  }
};

}  // namespace penstock::test

#endif  // PENSTOCK_SERVER_TESTING_BLOCKING_HANDLERS_H_
