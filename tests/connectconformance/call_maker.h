// CallMaker: makes the one call that connectconformance describes, on a channel of its own, and
// writes down what became of it.
//
//     CallMaker maker(&request, &shard);
//     const Status made = co_await maker.Make();  // or why the call could not be made at all
//     ... maker.result() ...
//
// Ownership: `wanted` outlives it.
// Threading: the shard's.
// Spec:      connectconformance's testing_clients.md
#ifndef PENSTOCK_TESTS_CONNECTCONFORMANCE_CALL_MAKER_H_
#define PENSTOCK_TESTS_CONNECTCONFORMANCE_CALL_MAKER_H_

#include <cstdint>
#include <optional>

#include "penstock/client/stub.h"

#include "connectrpc/conformance/v1/conformance.client.h"
#include "tests/connectconformance/tls.h"

namespace penstock::connectconformance {

class CallMaker {
 public:
  CallMaker(const connectrpc::conformance::v1::ClientCompatRequest* wanted, reactor::Shard* shard);
  CallMaker(const CallMaker&) = delete;
  CallMaker& operator=(const CallMaker&) = delete;

  Task<Status> Make();
  const connectrpc::conformance::v1::ClientResponseResult& result() const { return result_; }

 private:
  Status Prepare();
  template <typename Request>
  Task<Status> MakeUnary(
      const UnaryMethod<Request, connectrpc::conformance::v1::UnaryResponse>& method);
  Task<Status> MakeClientStream();
  Task<Status> MakeServerStream();
  Task<Status> MakeBidiStream();
  template <typename Calls>
  Task<Status> WriteAll(Calls& calls);
  // Whether one came.
  template <typename Calls>
  Task<StatusOr<bool>> ReadOne(Calls& calls);
  template <typename Calls>
  Task<Status> ReadRest(Calls& calls);

  // The request of that index.
  template <typename Request>
  StatusOr<Request> RequestOf(int index) const;
  bool cancels_before_close() const;
  // How long after the end of the requests the call is cancelled, if that is when.
  std::optional<TimeNs> cancel_after_ns() const;
  // `ended` is a call that has ended.
  template <typename Ended>
  void NoteEnd(const Ended& ended, const Status& status);

  const connectrpc::conformance::v1::ClientCompatRequest& wanted_;
  std::optional<wire::CertificateFolder> folder_;  // the channel's files, where it uses TLS
  client::Channel channel_;
  connectrpc::conformance::v1::ConformanceServiceClient service_;
  client::Scope scope_;
  client::CallOptions options_;
  uint32_t responses_count_ = 0;
  connectrpc::conformance::v1::ClientResponseResult result_;
};

}  // namespace penstock::connectconformance

#endif  // PENSTOCK_TESTS_CONNECTCONFORMANCE_CALL_MAKER_H_
