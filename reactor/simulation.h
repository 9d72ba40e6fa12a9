// Simulation: where a shard's ring and its time come from when not from the operating system.
//
//     reactor::Shard shard({.simulation = &net});      // testing/memory_net.h is one
//
// Everything above the ring (sockets, timers, links, sessions) is then the real thing, and what it
// does depends on the simulation alone.
#ifndef PENSTOCK_REACTOR_SIMULATION_H_
#define PENSTOCK_REACTOR_SIMULATION_H_

#include <memory>

#include "penstock/reactor/ring.h"
#include "penstock/wire/time.h"

namespace penstock::reactor {

class Simulation {
 public:
  virtual TimeNs Now() = 0;
  virtual std::unique_ptr<Ring> MakeRing(const RingContext& context) = 0;

 protected:
  ~Simulation() = default;
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_SIMULATION_H_
