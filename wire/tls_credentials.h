// TlsCredentials: the newest TlsContext of files that others replace while the process runs.
//
//     TlsCredentials credentials(server_options);
//     if (!credentials.Load(now, &why)) ...                  // at the start: good files or none
//     engine.emplace(credentials.Current(now), ...);         // for each connection
//
// Whether the files have changed is asked when a connection begins, at most once in `reload_ns`:
// there is no thread that watches, nor a descriptor. It is stat() that is asked, through symbolic
// links, so that it notices a file that was written again, one renamed over it, and a Kubernetes
// secret, whose links are swapped. Files that do not fit together leave what was there in use, and
// a line on stderr says so; they are tried again when they change again. Connections keep the
// context that they began with.
//
// Threading: any.
#ifndef PENSTOCK_WIRE_TLS_CREDENTIALS_H_
#define PENSTOCK_WIRE_TLS_CREDENTIALS_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "penstock/wire/time.h"
#include "penstock/wire/tls_context.h"
#include "penstock/wire/tls_options.h"

namespace penstock::wire {

class TlsCredentials {
 public:
  using Options = std::variant<TlsServerOptions, TlsClientOptions>;

  explicit TlsCredentials(Options options);
  TlsCredentials(const TlsCredentials&) = delete;
  TlsCredentials& operator=(const TlsCredentials&) = delete;

  // Reads the files. False: `*why` is a sentence, and what was there stays.
  bool Load(TimeNs now, std::string* why);

  // The newest that was good; null before the first.
  std::shared_ptr<const TlsContext> Current(TimeNs now);

  // For a gauge: see TlsContext::expires_at_s().
  int64_t expires_at_s() const;
  // How often files were read anew, and with which result.
  uint64_t reloads_count() const;
  uint64_t failed_reloads_count() const;

 private:
  // What stat() says of a file; all zero: there is none.
  struct Stamp {
    uint64_t device = 0;
    uint64_t inode = 0;
    int64_t bytes = 0;
    int64_t modified_ns = 0;
    bool operator==(const Stamp&) const = default;
  };

  bool LoadLocked(TimeNs now, std::string* why);
  std::vector<Stamp> ReadStamps() const;

  const Options options_;
  TimeNs reload_ns_;
  std::vector<std::string> paths_;
  mutable std::mutex mutex_;  // once a connection, and short but where files have changed
  std::shared_ptr<const TlsContext> current_;
  std::vector<Stamp> tried_;  // of the files that were read last, good or bad
  TimeNs checked_at_ = 0;
  uint64_t reloads_count_ = 0;
  uint64_t failed_reloads_count_ = 0;
};

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_TLS_CREDENTIALS_H_
