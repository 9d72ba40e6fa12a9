// MainShard: the shard of a program that is a client: it turns on the thread that has made it, for
// as long as a task runs.
//
//     client::MainShard main_shard;
//     main_shard.CancelOnSignals();                                   // Ctrl-C ends the call
//     client::Channel channel(&main_shard.shard(), "127.0.0.1:50051");
//     const ChatClient chat(&channel);
//     const Status status = main_shard.Run(Talk(main_shard.scope(), chat));
//
// For what BlockingChannel cannot do: streams, several calls at once, Sleep.
//
// Between tasks the shard's time stands still: calls are begun in a task. The CallOptions' timeout
// of one that begins outside counts from the last turn.
//
// Ownership: outlives the channels on it.
// Threading: one thread, the same from the constructor to the destructor.
#ifndef PENSTOCK_CLIENT_MAIN_SHARD_H_
#define PENSTOCK_CLIENT_MAIN_SHARD_H_

#include <memory>
#include <string>

#include "penstock/client/scope.h"
#include "penstock/reactor/shard.h"
#include "penstock/rpc/status.h"
#include "penstock/rpc/task.h"

namespace penstock::client {

class MainShard {
 public:
  explicit MainShard(const reactor::ShardOptions& options = reactor::ShardOptions());
  ~MainShard();
  MainShard(const MainShard&) = delete;
  MainShard& operator=(const MainShard&) = delete;

  reactor::Shard& shard() { return shard_; }
  // The parent of the program's calls.
  Scope& scope() { return scope_; }

  // From now on SIGINT and SIGTERM cancel the scope, and what waits under it answers CANCELLED,
  // "interrupted"; the second one ends the process as usual. Before other threads are made, which
  // have to inherit that the two are blocked. Out of descriptors Run() says so.
  void CancelOnSignals();

  // Runs the task to its end, and answers what it has. Throws what it throws. UNAVAILABLE where the
  // shard cannot run, or signals cannot be waited for. Once after another as often as one likes:
  // what became due in between is done before the task begins.
  Status Run(Task<Status> task);

 private:
  class Signals;

  std::string start_failure_;  // "": Run() runs
  bool is_open_ = false;
  reactor::Shard shard_;
  Scope scope_;
  std::unique_ptr<Signals> signals_;
};

}  // namespace penstock::client

#endif  // PENSTOCK_CLIENT_MAIN_SHARD_H_
