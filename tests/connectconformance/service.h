// The service that connectconformance calls: it answers what each request tells it to, and sends
// back what it has seen of the request.
//
// Spec: connectrpc.conformance.v1.ConformanceService
#ifndef PENSTOCK_TESTS_CONNECTCONFORMANCE_SERVICE_H_
#define PENSTOCK_TESTS_CONNECTCONFORMANCE_SERVICE_H_

#include "connectrpc/conformance/v1/conformance.server.h"

namespace penstock::connectconformance {

class ConformanceService final
    : public connectrpc::conformance::v1::ConformanceServiceHandlers<ConformanceService> {
 public:
  template <typename Response>
  using Reply = Task<StatusOr<Response>>;

  Reply<connectrpc::conformance::v1::UnaryResponse> Unary(
      Call& call, const connectrpc::conformance::v1::UnaryRequest& request);
  Task<Status> ServerStream(Call& call,
                            const connectrpc::conformance::v1::ServerStreamRequest& request,
                            Writer<connectrpc::conformance::v1::ServerStreamResponse>& out);
  Reply<connectrpc::conformance::v1::ClientStreamResponse> ClientStream(
      Call& call, Reader<connectrpc::conformance::v1::ClientStreamRequest>& in);
  Task<Status> BidiStream(Call& call, Reader<connectrpc::conformance::v1::BidiStreamRequest>& in,
                          Writer<connectrpc::conformance::v1::BidiStreamResponse>& out);
};

}  // namespace penstock::connectconformance

#endif  // PENSTOCK_TESTS_CONNECTCONFORMANCE_SERVICE_H_
