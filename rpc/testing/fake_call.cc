#include "penstock/rpc/testing/fake_call.h"

#include <cstdio>
#include <string>

#include "penstock/wire/compress.h"

namespace penstock::testing {

FakeCall::FakeCall(FakeShard* shared)
    : ShardOfFakeCall(shared),
      Call(&fake_shard_.shard().slabs()),
      deadline_timer_(&FakeCall::OnDeadline, this) {
  method_ = "/test.Fake/Call";
  peer_ = "127.0.0.1:50000";
  shard_ = &fake_shard_.shard();
  cancellation_ = &its_cancellation_;
}

FakeCall::~FakeCall() {
  PENSTOCK_CHECK(started_count_ == 0, "what Start() gave is destroyed before its FakeCall");
}

void FakeCall::SetTimeout(TimeNs timeout_ns) {
  deadline_ = SaturatingAdd(now(), timeout_ns);
  shard_->timers().Schedule(deadline_timer_, deadline_);
}

void FakeCall::OnDeadline(void* context, TimeNs) {
  static_cast<FakeCall*>(context)->its_cancellation_.Cancel(
      MakeStatus(StatusCode::kDeadlineExceeded, "the deadline passed before the handler ended"));
}

void FakeCall::SetAcceptedEncodings(std::string_view names) {
  for (wire::Compression each : {wire::Gzip(), wire::Deflate(), wire::Zstd()}) {
    const char* const refusal = encodings_.Add(std::move(each));
    PENSTOCK_CHECK(refusal == nullptr, refusal);
  }
  compression_.Begin(&encodings_, rpc::Encoding::kIdentity, encodings_.ReadAccepted(names),
                     rpc::Encoding::kIdentity);
}

void FakeCall::Cancel(StatusCode code, std::string_view message) {
  its_cancellation_.Cancel(MakeStatus(code, message));
  RunReady();
}

std::string_view FakeCall::compression() const {
  const bool is_plain = compression_.sent() == rpc::Encoding::kIdentity;
  return is_plain ? std::string_view("identity") : compression_.sent_name();
}

Status FakeCall::StatusOfThrown() const {
  std::string what = "not a std::exception";
  try {
    std::rethrow_exception(std::current_exception());
  } catch (const std::exception& exception) {
    what = exception.what();
  } catch (...) {
  }
  std::fprintf(stderr, "penstock: the handler of %s threw: %s\n", std::string(method_).c_str(),
               what.c_str());
  return MakeStatus(StatusCode::kUnknown, "the handler threw an exception");
}

Status FakeCall::StatusOfStuck() const {
  return MakeStatus(StatusCode::kInternal,
                    "FakeCall::Run(): the handler of " + std::string(method_) +
                        " waits for what never comes: nothing is ready and no timer is set, or it "
                        "has waited " +
                        std::to_string(kWaitsMax) +
                        " times; End() its FakeReader, SetTimeout(), or Start() it and go on step "
                        "by step");
}

}  // namespace penstock::testing
