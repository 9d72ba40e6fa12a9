// Handlers: those of the simulated server. They do what the order of their call says, check what
// they are sent, and count themselves.
//
// Ownership: outlives the server; the registry's entries point here.
#ifndef PENSTOCK_TESTS_SIM_HANDLERS_H_
#define PENSTOCK_TESTS_SIM_HANDLERS_H_

#include <cstdint>

#include "penstock/rpc/interceptor.h"
#include "penstock/rpc/reader.h"
#include "penstock/rpc/task.h"
#include "penstock/rpc/writer.h"
#include "penstock/server/registry.h"
#include "penstock/tests/sim/findings.h"
#include "penstock/tests/sim/plan.h"

#include "tests/sim/work.server.h"

namespace penstock::test::sim {

class Handlers {
 public:
  explicit Handlers(Findings* findings) : findings_(*findings) {}

  // With so many interceptors around them: a plain pair, and a coroutine.
  void Register(Registry& registry, int interceptors_count);

  int begun_count() const { return begun_count_; }
  int at_work_count() const { return begun_count_ - ended_count_; }
  // Interceptors that have seen a call's begin, and not its end.
  int intercepting_count() const { return before_count_ - after_count_; }

 private:
  class Running;
  class CountCalls;
  // What the first piece says.
  struct Orders;

  Status Ask(Call& call, const Piece& request, Piece& reply);
  Task<StatusOr<Piece>> AskLater(Call& call, const Piece& request);
  Task<Status> Download(Call& call, const Piece& request, Writer<Piece>& out);
  Task<StatusOr<Piece>> Upload(Call& call, Reader<Piece>& in);
  Task<Status> Talk(Call& call, Reader<Piece>& in, Writer<Piece>& out);
  Orders OrdersOf(Call& call, const Piece& first);
  void Sign(Call& call);
  void Check(const Piece& piece, const Orders& orders, uint32_t index);

  Findings& findings_;
  int begun_count_ = 0;
  int ended_count_ = 0;
  int before_count_ = 0;
  int after_count_ = 0;
};

// The metadata that names a call, both ways.
inline constexpr const char* kCallKey = "x-call";

}  // namespace penstock::test::sim

#endif  // PENSTOCK_TESTS_SIM_HANDLERS_H_
