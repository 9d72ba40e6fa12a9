#include "penstock/loadtest/schema.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "penstock/codec/compiler/descriptor_writer.h"
#include "penstock/codec/compiler/diagnostics.h"
#include "penstock/codec/compiler/linker.h"
#include "penstock/codec/compiler/source_tree.h"
#include "penstock/codec/json/json.h"
#include "penstock/codec/reflection/dynamic_message.h"
#include "penstock/loadtest/read_file.h"
#include "penstock/wire/suggestion.h"

namespace penstock::loadtest {
namespace {

namespace compiler = codec::compiler;
namespace reflection = codec::reflection;

std::string WithoutLastNewline(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

bool Schema::AddProto(const std::string& file, const std::vector<std::string>& roots,
                      std::string* why) {
  std::vector<std::string> folders = roots;
  if (folders.empty()) folders = {".", std::filesystem::path(file).parent_path().string()};
  compiler::DiskSourceTree tree(folders, "");
  compiler::Diagnostics diagnostics;
  compiler::Linker linker(&tree, &diagnostics);
  const std::optional<std::string> path = tree.ImportPath(file);
  const compiler::FileDescriptor* loaded = path.has_value() ? linker.Load(*path) : nullptr;
  if (loaded == nullptr && diagnostics.ok()) {
    *why = "--proto '" + file + "' " +
           (std::filesystem::exists(file)
                ? "is not below any -I folder: add -I with the folder that its imports begin at"
                : "is no file: " + tree.RootsHint());
    return false;
  }
  if (!diagnostics.ok()) {
    *why = WithoutLastNewline(diagnostics.ToString());
    return false;
  }
  for (const compiler::FileDescriptor* one : linker.WithImports({loaded})) {
    const std::string octets = compiler::WriteFileDescriptor(*one, compiler::Places::kKeep);
    if (pool_.AddFile(octets, why) == nullptr) return false;
  }
  return true;
}

bool Schema::AddDescriptorSet(const std::string& file, std::string* why) {
  std::string octets;
  if (!ReadFile(file, &octets)) {
    *why = "--descriptor-set '" + file + "' cannot be read: " + std::strerror(errno);
    return false;
  }
  std::string fault;
  if (pool_.AddFileSet(octets, &fault)) return true;
  *why = "--descriptor-set '" + file +
         "' is not what penstockc or protoc writes with --descriptor_set_out --include_imports: " +
         WithoutLastNewline(fault);
  return false;
}

std::vector<std::string> Schema::MethodNames() const {
  std::vector<std::string> names;
  for (const reflection::FileDescriptor* file : pool_.files()) {
    for (const auto& service : file->services) {
      for (const auto& method : service.methods) {
        names.push_back(service.full_name + "/" + method.name);
      }
    }
  }
  return names;
}

const reflection::MethodDescriptor* Schema::FindMethod(std::string_view method,
                                                       std::string* why) const {
  const size_t slash = method.find('/');
  const reflection::ServiceDescriptor* service = pool_.FindService(method.substr(0, slash));
  if (service != nullptr && slash != std::string_view::npos) {
    for (const reflection::MethodDescriptor& one : service->methods) {
      if (one.name == method.substr(slash + 1)) return &one;
    }
  }
  *why = "--method '" + std::string(method) + "' is not in the schema";
  if (const std::string nearest = wire::NearestOf(method, MethodNames()); !nearest.empty()) {
    *why += "; did you mean " + nearest + "?";
  }
  return nullptr;
}

bool Schema::MakeRequest(std::string_view method, std::string_view json, std::string* octets,
                         std::string* why) const {
  const reflection::MethodDescriptor* found = FindMethod(method, why);
  if (found == nullptr) return false;
  const reflection::DynamicTypes types(pool_);
  reflection::DynamicMessage request(types.TypeOf(*found->input));
  const codec::json::JsonStatus status = codec::json::FromJson(json, request.ref());
  if (!status.ok()) {
    *why = "--data is no " + found->input->full_name + ": " + status.message();
    return false;
  }
  *octets = request.SerializeAsString();
  return true;
}

}  // namespace penstock::loadtest
