#include "penstock/server/registry.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <string>

#include "penstock/rpc/content_type.h"
#include "penstock/server/interception.h"
#include "penstock/wire/check.h"
#include "penstock/wire/compress.h"
#include "penstock/wire/quoted.h"

namespace penstock {
namespace server {

PENSTOCK_COLD Status StatusOfException(const MethodEntry& entry) {
  std::string what = "not a std::exception";
  try {
    std::rethrow_exception(std::current_exception());
  } catch (const std::exception& exception) {
    what = exception.what();
  } catch (...) {
  }
  std::fprintf(stderr, "penstock: the handler of %s threw: %s\n", entry.path.c_str(),
               wire::Quoted(what).c_str());
  return MakeStatus(StatusCode::kUnknown, "the handler threw an exception");
}

}  // namespace server

namespace {

// "/Service/Method", both parts non-empty.
bool IsMethodPath(std::string_view path) {
  const size_t slash = path.find('/', 1);
  return path.starts_with('/') && slash != std::string_view::npos && slash > 1 &&
         slash + 1 < path.size();
}

std::string_view ServiceOf(std::string_view path) {
  return path.substr(1, path.find('/', 1) - 1);
}

// Every method is of the service "".
bool IsOfService(std::string_view path, std::string_view service) {
  return service.empty() || ServiceOf(path) == service;
}

// "/..." as `:path` carries it, without a query.
bool IsHttpPath(std::string_view path) {
  const auto is_wrong = [](char c) { return c <= ' ' || c > '~' || c == '?' || c == '#'; };
  return path.starts_with('/') && std::none_of(path.begin(), path.end(), is_wrong);
}

[[noreturn]] void FailCodec(std::string_view subtype, const char* why) {
  std::fprintf(stderr, "penstock: cannot register a codec for application/grpc+%.*s: %s\n",
               static_cast<int>(subtype.size()), subtype.data(), why);
  std::abort();
}

[[noreturn]] void FailRegistration(const std::string& path, const char* why) {
  std::fprintf(stderr, "penstock: cannot register a handler for \"%s\": %s\n", path.c_str(), why);
  std::abort();
}

}  // namespace

Registry::Registry() {
  AddCompression(wire::Gzip());
  AddCompression(wire::Deflate());
  AddCompression(wire::Zstd());
}

void Registry::AddCompression(wire::Compression compression) {
  const std::string name = compression.name;
  const char* const why = encodings_.Add(std::move(compression));
  if (why == nullptr) return;
  std::fprintf(stderr, "penstock: cannot register a compression: \"%s\" %s\n", name.c_str(), why);
  std::abort();
}

void Registry::Insert(server::MethodEntry entry) {
  const std::string path = entry.path;
  if (!IsMethodPath(path)) FailRegistration(path, "a path looks like /package.Service/Method");
  for (const auto& each : interceptors_) {
    if (IsOfService(path, each->service)) entry.interceptors.push_back(&each->interceptor);
  }
  server::ChooseRun(entry);
  entry.index = static_cast<uint32_t>(entries_.size());
  const bool inserted =
      entries_.emplace(path, std::make_unique<server::MethodEntry>(std::move(entry))).second;
  if (!inserted) FailRegistration(path, "it has one already; register each method once");
}

void Registry::RefuseShard(std::string_view path, RunOn run_on) {
  if (run_on != RunOn::kShard) return;
  FailRegistration(std::string(path),
                   "it blocks the thread that it runs on, and no shard has one to spare; say "
                   "RunOn::kWorkers, or make it a coroutine");
}

void Registry::InsertInterceptor(std::string_view service, rpc::Interceptor interceptor) {
  interceptors_.push_back(std::make_unique<const ServiceInterceptor>(
      ServiceInterceptor{std::string(service), std::move(interceptor)}));
  const ServiceInterceptor& added = *interceptors_.back();
  for (const auto& [path, entry] : entries_) {
    if (!IsOfService(path, added.service)) continue;
    entry->interceptors.push_back(&added.interceptor);
    server::ChooseRun(*entry);
  }
}

bool Registry::needs_workers() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const auto& each) { return each.second->needs_workers(); });
}

void Registry::SetWorkers(server::WorkerPool* workers) {
  for (const auto& [path, entry] : entries_) entry->workers = workers;
}

std::string Registry::idle_interceptor() const {
  const std::vector<std::string> known = services();
  for (const auto& each : interceptors_) {
    if (!each->service.empty() && !std::binary_search(known.begin(), known.end(), each->service)) {
      return each->service;
    }
  }
  return "";
}

Status Registry::CheckInterceptors() const {
  for (const auto& check : checks_) {
    if (Status status = check(*this); !status.ok()) return status;
  }
  return OkStatus();
}

const server::MethodEntry* Registry::Find(std::string_view path) const {
  const auto found = entries_.find(path);
  return found == entries_.end() ? nullptr : found->second.get();
}

void Registry::InsertGet(server::HttpEntry entry) {
  const std::string path = entry.path;
  if (!IsHttpPath(path)) {
    FailRegistration(path,
                     "a path of HandleGet() begins with '/', percent-encodes what is not "
                     "printable ASCII, and has neither query nor fragment");
  }
  const bool inserted =
      get_entries_.emplace(path, std::make_unique<server::HttpEntry>(std::move(entry))).second;
  if (!inserted) FailRegistration(path, "it has one already; register each path once");
}

const server::HttpEntry* Registry::FindGet(std::string_view path) const {
  const auto found = get_entries_.find(path);
  return found == get_entries_.end() ? nullptr : found->second.get();
}

void Registry::AddCodec(std::unique_ptr<const codec::Codec> codec) {
  const std::string_view subtype = codec->subtype();
  const bool is_lower = rpc::EqualsIgnoringCase(subtype, subtype);  // the second is as it is
  if (!rpc::IsSubtype(subtype) || !is_lower) {
    FailCodec(subtype, "a subtype is a token in lower case, of at most 32 characters");
  }
  if (subtype == "proto") FailCodec(subtype, "generated code reads and writes that by itself");
  if (FindCodec(subtype) != nullptr) FailCodec(subtype, "it has one already");
  codecs_.push_back(std::move(codec));
}

const codec::Codec* Registry::FindCodec(std::string_view subtype) const {
  for (const auto& codec : codecs_) {
    if (rpc::EqualsIgnoringCase(subtype, codec->subtype())) return codec.get();
  }
  return nullptr;
}

std::vector<std::string> Registry::subtypes() const {
  std::vector<std::string> names = {"proto"};
  for (const auto& codec : codecs_) names.emplace_back(codec->subtype());
  return names;
}

std::vector<const server::MethodEntry*> Registry::methods() const {
  std::vector<const server::MethodEntry*> methods(entries_.size());
  for (const auto& [path, entry] : entries_) methods[entry->index] = entry.get();
  return methods;
}

std::vector<std::string> Registry::get_paths() const {
  std::vector<std::string> paths;
  for (const auto& [path, entry] : get_entries_) paths.push_back(path);
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::vector<const codec::EmbeddedFile*> Registry::files() const {
  std::map<std::string_view, const codec::EmbeddedFile*> by_path;
  for (const auto& [path, entry] : entries_) by_path.emplace(path, entry->file);
  std::vector<const codec::EmbeddedFile*> files;
  for (const auto& [path, file] : by_path) {
    if (file != nullptr && std::find(files.begin(), files.end(), file) == files.end()) {
      files.push_back(file);
    }
  }
  return files;
}

std::vector<std::string> Registry::services() const {
  std::vector<std::string> names;
  for (const auto& [path, entry] : entries_) names.emplace_back(ServiceOf(path));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace penstock
