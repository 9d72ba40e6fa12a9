#include "penstock/tests/sim/handlers.h"

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "penstock/rpc/call_wait.h"
#include "penstock/rpc/try.h"
#include "penstock/tests/sim/piece.h"

namespace penstock::test::sim {
namespace {

constexpr TimeNs kHangNs = 3600 * kNsPerSecond;
constexpr TimeNs kReadPatienceNs = 50 * kNsPerMs;

uint64_t CallOf(const Call& call) {
  const std::string text(call.metadata().Get(kCallKey).value_or("none"));
  return std::strtoull(text.c_str(), nullptr, 10);
}

}  // namespace

class Handlers::Running {
 public:
  explicit Running(Handlers* handlers) : handlers_(*handlers) { ++handlers_.begun_count_; }
  ~Running() { ++handlers_.ended_count_; }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  Handlers& handlers_;
};

class Handlers::CountCalls {
 public:
  explicit CountCalls(Handlers* handlers) : handlers_(*handlers) {}

  Status Before(Call&) {
    ++handlers_.before_count_;
    return OkStatus();
  }
  void After(Call&, const Status&) { ++handlers_.after_count_; }

 private:
  Handlers& handlers_;
};

struct Handlers::Orders {
  uint64_t call = 0;
  Act act = Act::kNothing;
  uint32_t at = 0;
  TimeNs rest_ns = 0;
  uint32_t count = 0;
  uint32_t bytes = 0;

  bool AreFor(uint32_t index) const { return act != Act::kNothing && index == at; }
  bool SayLeave() const { return act == Act::kLeave; }
  TimeNs SleepNs() const {
    if (act == Act::kHang) return kHangNs;
    return act == Act::kRest ? rest_ns : 0;
  }
  Status Obey() const {
    if (act == Act::kThrow) throw std::runtime_error("as it was told");
    if (act != Act::kFail) return OkStatus();
    return MakeStatus(StatusCode::kFailedPrecondition, "as it was told");
  }
};

void Handlers::Register(Registry& registry, int interceptors_count) {
  if (interceptors_count > 0) registry.Intercept(CountCalls(this));
  if (interceptors_count > 1) {
    registry.Intercept([](Call&, Next next) -> Task<Status> {
      Status status = co_await next();
      co_return status;
    });
  }
  // Functions that return tasks, not coroutines: what they capture is the registry's.
  registry.Handle(Work::Ask, [this](Call& call, const Piece& request, Piece& reply) {
    return Ask(call, request, reply);
  });
  registry.Handle(Work::AskLater, [this](Call& call, const Piece& request) {
    return AskLater(call, request);
  });
  registry.Handle(Work::Download, [this](Call& call, const Piece& request, Writer<Piece>& out) {
    return Download(call, request, out);
  });
  registry.Handle(Work::Upload, [this](Call& call, Reader<Piece>& in) { return Upload(call, in); });
  registry.Handle(Work::Talk, [this](Call& call, Reader<Piece>& in, Writer<Piece>& out) {
    return Talk(call, in, out);
  });
}

Handlers::Orders Handlers::OrdersOf(Call& call, const Piece& first) {
  Orders orders;
  orders.call = CallOf(call);
  orders.act = static_cast<Act>(first.order().act());
  orders.at = first.order().at();
  orders.rest_ns = first.order().rest_ns();
  orders.count = first.order().count();
  orders.bytes = first.order().bytes();
  if (first.order().compresses()) call.SetCompression("gzip");
  Check(first, orders, 0);
  return orders;
}

// So that the client sees whose trailers it reads.
void Handlers::Sign(Call& call) {
  const bool is_taken = call.trailing_metadata().Add(kCallKey, std::to_string(CallOf(call)));
  findings_.Expect(is_taken, "the trailing metadata takes the name of a call");
}

void Handlers::Check(const Piece& piece, const Orders& orders, uint32_t index) {
  const std::string why = WhyWrong(piece, orders.call, Speaker::kClient, index, orders.bytes);
  if (!why.empty()) {
    findings_.Add("the server reads in call " + std::to_string(orders.call) + ": " + why);
  }
}

Status Handlers::Ask(Call& call, const Piece& request, Piece& reply) {
  const Running running(this);
  const Orders orders = OrdersOf(call, request);
  Fill(orders.call, Speaker::kServer, 0, orders.bytes, &reply);
  Sign(call);
  return orders.Obey();
}

Task<StatusOr<Piece>> Handlers::AskLater(Call& call, const Piece& request) {
  const Running running(this);
  const Orders orders = OrdersOf(call, request);
  Sign(call);
  co_await Try(orders.Obey());
  if (orders.SleepNs() > 0) co_await Try(co_await Sleep(call, orders.SleepNs()));
  Piece reply(&call.arena());
  Fill(orders.call, Speaker::kServer, 0, orders.bytes, &reply);
  co_return reply;
}

Task<Status> Handlers::Download(Call& call, const Piece& request, Writer<Piece>& out) {
  const Running running(this);
  const Orders orders = OrdersOf(call, request);
  Sign(call);
  Piece piece(&call.arena());
  for (uint32_t i = 0; i < orders.count; ++i) {
    if (orders.AreFor(i)) {
      if (orders.SayLeave()) break;
      co_await Try(orders.Obey());
      if (orders.SleepNs() > 0) co_await Try(co_await Sleep(call, orders.SleepNs()));
    }
    Fill(orders.call, Speaker::kServer, i, orders.bytes, &piece);
    co_await Try(co_await out.Write(piece));
  }
  co_return OkStatus();
}

Task<StatusOr<Piece>> Handlers::Upload(Call& call, Reader<Piece>& in) {
  const Running running(this);
  Sign(call);
  Orders orders;
  uint32_t count = 0;
  for (;;) {
    const Arrival<Piece> next = co_await Try(co_await in.Next(kReadPatienceNs));
    if (next.timed_out()) continue;
    if (next.is_end()) break;
    const Piece& piece = *next.message();
    if (count == 0) orders = OrdersOf(call, piece);
    Check(piece, orders, count);
    if (orders.AreFor(count)) {
      if (orders.SayLeave()) break;
      co_await Try(orders.Obey());
      if (orders.SleepNs() > 0) co_await Try(co_await Sleep(call, orders.SleepNs()));
    }
    ++count;
  }
  Piece reply(&call.arena());
  Fill(CallOf(call), Speaker::kServer, 0, orders.bytes, &reply);
  reply.set_count(count);
  co_return reply;
}

Task<Status> Handlers::Talk(Call& call, Reader<Piece>& in, Writer<Piece>& out) {
  const Running running(this);
  Sign(call);
  Orders orders;
  uint32_t count = 0;
  Piece answer;
  while (const Piece* piece = co_await Try(co_await in.Next())) {
    if (count == 0) orders = OrdersOf(call, *piece);
    Check(*piece, orders, count);
    if (orders.AreFor(count)) {
      if (orders.SayLeave()) break;
      co_await Try(orders.Obey());
      if (orders.SleepNs() > 0) co_await Try(co_await Sleep(call, orders.SleepNs()));
    }
    Fill(orders.call, Speaker::kServer, count, orders.bytes, &answer);
    co_await Try(co_await out.Write(answer));
    ++count;
  }
  co_return OkStatus();
}

}  // namespace penstock::test::sim
