#include "penstock/loadtest/tool/reflection_source.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "penstock/client/streams.h"
#include "penstock/codec/compiler/descriptor_reader.h"
#include "penstock/codec/compiler/diagnostics.h"
#include "penstock/rpc/try.h"

#include "grpc/reflection/v1/reflection.penstock.h"

namespace penstock::loadtest::tool {
namespace {

using codec::reflection::DescriptorPool;
using codec::reflection::FileDescriptor;
using Request = grpc::reflection::v1::ServerReflectionRequest;
using Response = grpc::reflection::v1::ServerReflectionResponse;
using Stream = client::Duplex<Request, Response>;

constexpr std::string_view kPaths[] = {
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
};

// Unlinked: its path and its imports are what counts. Null: faulty.
std::unique_ptr<FileDescriptor> ReadFile(std::string_view octets, std::string* why) {
  codec::compiler::Diagnostics diagnostics;
  auto file = codec::compiler::ReadFileDescriptor(octets, &diagnostics);
  if (file == nullptr) *why = diagnostics.ToString();
  return file;
}

// An answer's code is a peer's word.
StatusCode CodeOf(int32_t code) {
  return code >= 1 && code <= 16 ? static_cast<StatusCode>(code) : StatusCode::kUnknown;
}

// The answer to one question lives until the next one. All that is given outlives the task.
Task<StatusOr<const Response*>> Ask(Stream& stream, const Request& question) {
  co_await Try(co_await stream.Write(question));
  const Response* const response = co_await Try(co_await stream.Next());
  if (response == nullptr) {
    co_return MakeStatus(StatusCode::kInternal, "the server's reflection ended without an answer");
  }
  if (response->has_error_response()) {
    const auto& error = response->error_response();
    const std::string text = "the server's reflection says: " + std::string(error.error_message());
    co_return MakeStatus(CodeOf(error.error_code()), text);
  }
  co_return response;
}

// Not NOT_FOUND, which says that there is nothing of the name that was asked for.
Status WithoutImport(const std::string& path, const Status& why) {
  const StatusCode code =
      why.code() == StatusCode::kNotFound ? StatusCode::kFailedPrecondition : why.code();
  const std::string text = "the file " + path + ", which others import, does not come: ";
  return MakeStatus(code, text + std::string(MessageOf(why)));
}

// What a server has sent so far, and what it has not.
class Received {
 public:
  Status Add(const Response& response) {
    const auto& sent = response.file_descriptor_response();
    for (const std::string_view octets : sent.file_descriptor_proto()) {
      std::string why;
      const std::unique_ptr<FileDescriptor> file = ReadFile(octets, &why);
      if (file == nullptr) return MakeStatus(StatusCode::kInternal, why);
      if (!paths_.insert(file->path).second) continue;
      if (files_.size() == kReflectedFilesMax) {
        return MakeStatus(StatusCode::kResourceExhausted,
                          "the server's reflection has more than " +
                              std::to_string(kReflectedFilesMax) + " files for one name");
      }
      files_.emplace_back(octets);
      for (const auto& import : file->imports) imports_.push_back(import.path);
    }
    return OkStatus();
  }
  // An import that has not come; "": none.
  std::string NextMissing(const DescriptorPool& pool) {
    for (; !imports_.empty(); imports_.pop_back()) {
      const std::string path = imports_.back();
      if (paths_.contains(path) || pool.FindFile(path) != nullptr) continue;
      return path;
    }
    return "";
  }
  const std::vector<std::string>& files() const { return files_; }

 private:
  std::vector<std::string> files_;
  std::set<std::string> paths_;
  std::vector<std::string> imports_;
};

// All that is given outlives the task.
Task<Status> FetchOn(Stream& stream, const std::string& symbol, DescriptorPool* pool) {
  Received received;
  Request question;
  question.set_file_containing_symbol(symbol);
  const Response* answer = co_await Try(co_await Ask(stream, question));
  co_await Try(received.Add(*answer));
  for (std::string missing = received.NextMissing(*pool); !missing.empty();
       missing = received.NextMissing(*pool)) {
    question.set_file_by_filename(missing);
    const StatusOr<const Response*> imported = co_await Ask(stream, question);
    if (!imported.ok()) co_return WithoutImport(missing, imported.status());
    answer = *imported;
    co_await Try(received.Add(*answer));
    if (received.NextMissing(*pool) == missing) {
      co_return MakeStatus(StatusCode::kInternal,
                           "the server's reflection was asked for " + missing +
                               " and sent something else");
    }
  }
  std::string why;
  if (AddFilesInOrder(received.files(), pool, &why)) co_return OkStatus();
  co_return MakeStatus(StatusCode::kInternal, "the server's descriptors are faulty: " + why);
}

// All that is given outlives the task.
Task<Status> ListOn(Stream& stream, std::vector<std::string>* names) {
  Request question;
  question.set_list_services("*");
  const Response* const answer = co_await Try(co_await Ask(stream, question));
  for (const auto& service : answer->list_services_response().service()) {
    names->emplace_back(service.name());
  }
  std::sort(names->begin(), names->end());
  co_return OkStatus();
}

}  // namespace

bool AddFilesInOrder(const std::vector<std::string>& files, DescriptorPool* pool,
                     std::string* why) {
  struct Waiting {
    const std::string* octets;
    std::unique_ptr<FileDescriptor> file;
  };
  std::vector<Waiting> waiting;
  for (const std::string& octets : files) {
    auto file = ReadFile(octets, why);
    if (file == nullptr) return false;
    waiting.push_back({&octets, std::move(file)});
  }
  const auto is_ready = [pool](const Waiting& one) {
    return std::all_of(one.file->imports.begin(), one.file->imports.end(),
                       [pool](const auto& import) { return pool->FindFile(import.path); });
  };
  while (!waiting.empty()) {
    // Now from this end, now from that: servers send imports behind their files, or before them.
    std::reverse(waiting.begin(), waiting.end());
    std::vector<Waiting> rest;
    for (Waiting& one : waiting) {
      if (!is_ready(one)) {
        rest.push_back(std::move(one));
      } else if (pool->AddFile(*one.octets, why) == nullptr) {
        return false;
      }
    }
    if (rest.size() == waiting.size()) {
      (void)pool->AddFile(*rest.back().octets, why);  // for its sentence about the import
      return false;
    }
    waiting = std::move(rest);
  }
  return true;
}

ReflectionSource::ReflectionSource(client::Channel* channel, const client::CallOptions& options)
    : channel_(*channel), options_(options) {
  options_.SetTimeout(kReflectionTimeoutNs);
}

Task<Status> ReflectionSource::ListServices(CallScope& scope, std::vector<std::string>* names) {
  Status status;
  for (const std::string_view path : kPaths) {
    Stream stream(&channel_.core(), &scope, path, options_);
    status = co_await ListOn(stream, names);
    if (status.code() != StatusCode::kUnimplemented) break;
  }
  co_return status;
}

Task<Status> ReflectionSource::Fetch(CallScope& scope, std::string symbol, DescriptorPool* pool) {
  Status status;
  for (const std::string_view path : kPaths) {
    Stream stream(&channel_.core(), &scope, path, options_);
    status = co_await FetchOn(stream, symbol, pool);
    if (status.code() != StatusCode::kUnimplemented) break;
  }
  co_return status;
}

}  // namespace penstock::loadtest::tool
