// Collector: who has things left where other threads can leave them, and fetches them on its shard.
// A letter says that there is something; where the mailbox is full, Shard::AskCollectors() does.
//
//     if (!shard.Post(&Deliver, this)) shard.AskCollectors();
//
// Ownership: leaves its shard's collectors() before it dies.
#ifndef PENSTOCK_REACTOR_COLLECTOR_H_
#define PENSTOCK_REACTOR_COLLECTOR_H_

#include "penstock/reactor/intrusive_list.h"

namespace penstock::reactor {

class Collector : public ListHook<struct CollectorTag> {
 public:
  // On the shard. Perhaps there is nothing.
  virtual void Collect() = 0;

 protected:
  ~Collector() = default;
};

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_COLLECTOR_H_
