// SimulatedLoad: a generator with one connection on a simulated net, and the server at its other
// end, for tests. Time passes when the test says so.
//
//     SimulatedLoad load(options);
//     load.Greet();
//     load.generator().BeginMeasuring();
//     load.Turn();
//     load.Answer(1);
#ifndef PENSTOCK_LOADTEST_SIMULATED_LOAD_H_
#define PENSTOCK_LOADTEST_SIMULATED_LOAD_H_

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "penstock/client/target.h"
#include "penstock/http2/testing/frame_script.h"
#include "penstock/loadtest/generator.h"
#include "penstock/loadtest/request.h"
#include "penstock/reactor/address.h"
#include "penstock/reactor/testing/memory_net.h"

namespace penstock::loadtest::testing {

using http2::testing::Data;
using http2::testing::Frame;
using http2::testing::Headers;

// An open loop of one call a millisecond.
inline Options OptionsFor(uint32_t streams) {
  Options options;
  options.method = "pkg.Service/Method";
  options.streams_per_connection = streams;
  options.rate.stages = {{0, 1'000}};
  return options;
}

class SimulatedLoad {
 public:
  explicit SimulatedLoad(const Options& options, GeneratorPlan plan = GeneratorPlan())
      : options_(options), requests_(MakeRequests(options_, "localhost")) {
    std::string why;
    target_.addresses.push_back(*reactor::Address::Resolve("127.0.0.1:1", &why));
    target_.authority = "localhost";
    plan.options = &options_;
    plan.requests = &requests_;
    plan.target = &target_;
    plan.simulation = &net_;
    generator_ = std::make_unique<Generator>(plan, wake_fd_);
    EXPECT_TRUE(generator_->shard().Open(&why)) << why;
    generator_->Connect();
    Turn();
  }
  ~SimulatedLoad() {
    generator_->Close();
    generator_->shard().Stop();
    generator_->shard().Run();
    ::close(wake_fd_);
  }

  Generator& generator() { return *generator_; }
  reactor::MemoryNet& net() { return net_; }
  reactor::MemoryEnd& end() { return net_.newest(); }

  // What came due, what arrived and what that led to.
  void Turn() {
    for (int i = 0; i < 3; ++i) generator_->shard().Turn(0);
  }
  void PassTime(TimeNs ns) {
    net_.Advance(ns);
    Turn();
  }

  // The server says that it speaks HTTP/2.
  void Greet() {
    end().TakeRead();  // the preface, and no request
    Send({http2::testing::SettingsFrame({}), http2::testing::SettingsAck()});
  }
  void Answer(uint32_t stream_id, const char* status = "0") {
    Send({Headers(stream_id).Status("200"), Data(stream_id, std::string(5, '\0')),
          Headers(stream_id).Field("grpc-status", status).End()});
  }
  void Send(const std::vector<Frame>& frames) {
    std::string bytes;
    for (const Frame& frame : frames) bytes += http2::testing::Encode(frame, encoder_);
    end().Write(bytes);
    Turn();
  }
  // How many were sent since this was asked last.
  int64_t TakeRequests() { return TakeFrames(http2::FrameType::kHeaders); }
  int64_t TakeFrames(http2::FrameType type) {
    const std::vector<Frame> frames = scanner_.Scan(end().TakeRead());
    return std::count_if(frames.begin(), frames.end(),
                         [type](const Frame& frame) { return frame.type == type; });
  }

 private:
  const Options options_;
  const RequestList requests_;
  client::Target target_;
  const int wake_fd_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  reactor::MemoryNet net_;
  http2::HpackEncoder encoder_;
  http2::testing::FrameScanner scanner_{4096};
  std::unique_ptr<Generator> generator_;
};

}  // namespace penstock::loadtest::testing

#endif  // PENSTOCK_LOADTEST_SIMULATED_LOAD_H_
