// AdminPort: an HTTP/1.1 server on a thread of its own, for whoever runs a server: it answers GET
// and HEAD out of one function, and has nothing to do with the shards.
//
//     AdminPort port(&Answer);
//     Status status = port.Open("127.0.0.1:9901");    // port.address() has the port that was taken
//     port.Start();
//
// Where Open() has failed, Start() tries again each kOpenAgainNs, and says so once it listens: the
// address may be another process's that lets go of it.
//
// Threading: Open(), Start() and Stop() are for one thread; the function is called on the port's
//            own, one request at a time, and must not wait: others would. address(), url() and
//            stopping() are for any.
// Limits:    kConnectionsMax at once: one more takes the place of the one that has been quiet for
//            longest. kQuietNsMax without an octet either way: closed, whether it is idle, sends
//            half a request, or does not read its answer; not while it waits for one. One answer
//            for each connection is in memory: the next request is read when it is written. Heads:
//            http1/limits.h.
//            On a loopback address only requests for a loopback host are answered, or else a page
//            from elsewhere could have the browser read this one (DNS rebinding).
#ifndef PENSTOCK_SERVER_ADMIN_PORT_H_
#define PENSTOCK_SERVER_ADMIN_PORT_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "penstock/http1/request_reader.h"
#include "penstock/http1/response.h"
#include "penstock/reactor/socket_file.h"
#include "penstock/rpc/status.h"
#include "penstock/wire/time.h"

namespace penstock::server {

class AdminPort {
 public:
  static constexpr size_t kConnectionsMax = 32;
  static constexpr TimeNs kQuietNsMax = 30 * kNsPerSecond;
  static constexpr TimeNs kOpenAgainNs = 250 * kNsPerMs;
  static constexpr TimeNs kAskAgainNs = 10 * kNsPerMs;

  // Of a request that came at `asked_at`. Nothing: not yet. Then it is called again with the same,
  // each kAskAgainNs or more often, and must have an answer in the end.
  using Answer = std::function<std::optional<http1::Response>(const http1::Request& request,
                                                              TimeNs asked_at)>;

  explicit AdminPort(Answer answer, TimeNs quiet_ns_max = kQuietNsMax)
      : answer_(std::move(answer)), quiet_ns_max_(quiet_ns_max) {}
  ~AdminPort();
  AdminPort(const AdminPort&) = delete;
  AdminPort& operator=(const AdminPort&) = delete;

  // Listens, on an address as reactor/address.h has them. An error is a sentence; kUnavailable:
  // somebody has the address, and may let go of it.
  Status Open(const std::string& address);
  // With the port that was taken, where 0 was asked for; empty before it listens.
  std::string address() const;
  // "http://127.0.0.1:9901", or the address of a unix socket; empty before it listens.
  std::string url() const;

  void Start();
  // Idempotent. Answers under way are cut off, and of requests that wait none is answered any more.
  void Stop();
  bool stopping() const { return stopping_.load(std::memory_order_relaxed); }

  // "127.0.0.1:9901", "[::1]", "localhost:80".
  static bool IsLoopbackHost(std::string_view host);

 private:
  struct Peer {
    int fd;
    TimeNs quiet_since;
    std::string unparsed = {};  // received, and not read yet: one answer at a time
    http1::RequestReader reader = {};
    bool is_asking = false;  // the reader's request has no answer yet
    TimeNs asked_at = 0;
    std::string unsent = {};
    bool has_spoken = false;
    bool closes = false;  // behind what is unsent
    bool is_done = false;
  };

  void Run();
  bool OpenInTheEnd();
  void Accept();
  int PollTimeoutMs() const;
  static short EventsOf(const Peer& peer);
  void Serve(Peer& peer, short events);
  void Receive(Peer& peer);
  void AnswerNext(Peer& peer);
  bool ReadNext(Peer& peer);
  std::optional<http1::Response> AnswerTo(const Peer& peer) const;
  void Reply(Peer& peer, http1::Response response, http1::ResponseMode mode);
  void Send(Peer& peer);
  void CloseQuiet();
  void Close(Peer& peer);

  const Answer answer_;
  const TimeNs quiet_ns_max_;
  std::string asked_address_;
  mutable std::mutex address_mutex_;  // the port's thread may be who opens it
  std::string address_;
  bool is_loopback_ = false;
  reactor::SocketFile file_;
  int listen_fd_ = -1;
  int stop_fd_ = -1;
  std::atomic<bool> stopping_{false};  // orders nothing
  std::list<Peer> peers_;  // in the order in which they came
  std::thread thread_;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_ADMIN_PORT_H_
