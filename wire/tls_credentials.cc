#include "penstock/wire/tls_credentials.h"

#include <sys/stat.h>

#include <cstdio>
#include <utility>

namespace penstock::wire {
namespace {

std::vector<std::string> PathsOf(const TlsServerOptions& options) {
  std::vector<std::string> paths;
  for (const TlsFiles& files : options.certificates) {
    paths.push_back(files.certificate);
    paths.push_back(files.key);
  }
  paths.push_back(options.client_ca);
  return paths;
}

std::vector<std::string> PathsOf(const TlsClientOptions& options) {
  return {options.ca, options.own.certificate, options.own.key};
}

}  // namespace

TlsCredentials::TlsCredentials(Options options)
    : options_(std::move(options)),
      reload_ns_(std::visit([](const auto& one) { return one.reload_ns; }, options_)),
      paths_(std::visit([](const auto& one) { return PathsOf(one); }, options_)) {
  std::erase(paths_, std::string());
}

bool TlsCredentials::Load(TimeNs now, std::string* why) {
  const std::lock_guard lock(mutex_);
  return LoadLocked(now, why);
}

bool TlsCredentials::LoadLocked(TimeNs now, std::string* why) {
  checked_at_ = now;
  // Before they are read: what changes meanwhile has another stamp next time.
  tried_ = ReadStamps();
  std::shared_ptr<const TlsContext> loaded;
  if (const auto* server = std::get_if<TlsServerOptions>(&options_)) {
    loaded = TlsContext::LoadServer(*server, why);
  } else {
    loaded = TlsContext::LoadClient(std::get<TlsClientOptions>(options_), why);
  }
  if (loaded == nullptr) return false;
  current_ = std::move(loaded);
  return true;
}

std::shared_ptr<const TlsContext> TlsCredentials::Current(TimeNs now) {
  const std::lock_guard lock(mutex_);
  if (current_ == nullptr || now < SaturatingAdd(checked_at_, reload_ns_)) return current_;
  checked_at_ = now;
  if (ReadStamps() == tried_) return current_;
  std::string why;
  if (LoadLocked(now, &why)) {
    ++reloads_count_;
    return current_;
  }
  ++failed_reloads_count_;
  std::fprintf(stderr, "penstock: the TLS files have changed, but those before stay in use: %s\n",
               why.c_str());
  return current_;
}

int64_t TlsCredentials::expires_at_s() const {
  const std::lock_guard lock(mutex_);
  return current_ == nullptr ? 0 : current_->expires_at_s();
}

uint64_t TlsCredentials::reloads_count() const {
  const std::lock_guard lock(mutex_);
  return reloads_count_;
}

uint64_t TlsCredentials::failed_reloads_count() const {
  const std::lock_guard lock(mutex_);
  return failed_reloads_count_;
}

std::vector<TlsCredentials::Stamp> TlsCredentials::ReadStamps() const {
  std::vector<Stamp> stamps;
  for (const std::string& path : paths_) {
    struct stat file {};
    Stamp stamp;
    if (::stat(path.c_str(), &file) == 0) {
      stamp = {static_cast<uint64_t>(file.st_dev), static_cast<uint64_t>(file.st_ino),
               static_cast<int64_t>(file.st_size),
               file.st_mtim.tv_sec * kNsPerSecond + file.st_mtim.tv_nsec};
    }
    stamps.push_back(stamp);
  }
  return stamps;
}

}  // namespace penstock::wire
