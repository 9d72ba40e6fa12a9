// Admin: the pages of the admin port, of one server.
//
//     Admin admin({&shards, &states, &registry, &health, tls});
//     Status status = admin.Open("127.0.0.1:9901");
//     admin.Start();                  // once the shards run; it opens what Open() could not
//     admin.SetReady(true);           // /readyz answers 200 from now on, while health is good
//
// Threading: Open(), Start(), Stop() and SetReady() are for the server's thread. The pages are made
//            on the port's thread, out of snapshots that it asks the shards for; it touches nothing
//            of theirs. Stop() comes behind the shards' end and before they are gone.
#ifndef PENSTOCK_SERVER_ADMIN_ADMIN_H_
#define PENSTOCK_SERVER_ADMIN_ADMIN_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "penstock/http1/request_reader.h"
#include "penstock/http1/response.h"
#include "penstock/reactor/shard.h"
#include "penstock/rpc/status.h"
#include "penstock/server/admin/debug_pages.h"
#include "penstock/server/admin/port.h"
#include "penstock/server/admin/snapshot.h"
#include "penstock/server/admin/snapshot_desk.h"
#include "penstock/server/admin/trace.h"
#include "penstock/server/builtin/health.h"
#include "penstock/server/registry.h"
#include "penstock/server/shard_state.h"
#include "penstock/wire/tls_credentials.h"

namespace penstock::server {

// Of the server. Ownership: all outlives the Admin, and nothing is added once it runs.
struct AdminSubject {
  const std::vector<std::unique_ptr<reactor::Shard>>* shards;
  const std::vector<std::unique_ptr<ShardState>>* states;
  const Registry* registry;
  const Health* health;
  const wire::TlsCredentials* tls;  // null: cleartext alone
};

class Admin {
 public:
  explicit Admin(const AdminSubject& subject);

  Status Open(const std::string& address) { return port_.Open(address); }
  std::string url() const { return port_.url(); }
  void Start();
  void Stop() { port_.Stop(); }

  // Whether new calls are welcome, as far as the server is concerned; its health has a say, too.
  // False until it is said, and again once the server drains.
  void SetReady(bool ready) { ready_.store(ready, std::memory_order_relaxed); }

 private:
  struct Page;
  static const Page kPages[];
  struct Asked {
    const http1::Request& request;
    TimeNs at;
  };

  // Nothing: not yet, for a shard has not answered.

  std::optional<http1::Response> Answer(const Asked& asked);
  std::optional<http1::Response> Index(const Asked& asked);
  std::optional<http1::Response> Healthz(const Asked& asked);
  std::optional<http1::Response> Readyz(const Asked& asked);
  std::optional<http1::Response> Metrics(const Asked& asked);
  std::optional<http1::Response> Methods(const Asked& asked);
  std::optional<http1::Response> Connections(const Asked& asked);
  std::optional<http1::Response> Shards(const Asked& asked);
  std::optional<http1::Response> Limits(const Asked& asked);
  std::optional<http1::Response> Calls(const Asked& asked);
  std::optional<http1::Response> TraceFrames(const Asked& asked);
  std::optional<http1::Response> Dashboard(const Asked& asked);
  std::optional<http1::Response> Numbers(const Asked& asked);
  std::optional<http1::Response> DebugPage(const Asked& asked, const SnapshotWishes& wishes,
                                           std::string (*page)(const DebugView& view));

  const AdminSubject subject_;
  std::vector<const MethodEntry*> methods_;
  SnapshotDesk snapshots_;
  TraceDesk traces_;
  TimeNs started_at_ = 0;
  // What rates are told against: two snapshots of earlier pages, the newer of which is not used
  // before it is old enough.
  std::vector<ShardSnapshot> before_;
  TimeNs before_at_ = 0;
  std::vector<ShardSnapshot> latest_;
  TimeNs latest_at_ = 0;
  // Written by the server's thread, read by the port's: a flag that orders nothing.
  std::atomic<bool> ready_{false};
  AdminPort port_;  // the last member: its thread uses all above
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_ADMIN_ADMIN_H_
