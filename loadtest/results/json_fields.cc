#include "penstock/loadtest/results/json_fields.h"

#include <nlohmann/json.hpp>

namespace penstock::loadtest {
namespace {

using Json = nlohmann::json;

// What a reader goes on with after the first trouble.
const Json& Empty() {
  static const Json empty = Json::object();
  return empty;
}

}  // namespace

void JsonFields::Refuse(const std::string& sentence) const {
  if (trouble_->empty()) *trouble_ = sentence;
}

void JsonFields::RefuseKind(const char* name, const char* kind) const {
  Refuse(path_ + name + " is not " + kind);
}

const Json* JsonFields::Find(const char* name) const {
  if (!ok() || !json_->is_object()) return nullptr;
  const auto found = json_->find(name);
  return found == json_->end() || found->is_null() ? nullptr : &*found;
}

const Json* JsonFields::Need(const char* name) const {
  const Json* const found = Find(name);
  if (found == nullptr) Refuse(path_ + name + " is missing");
  return found;
}

bool JsonFields::Has(const char* name) const { return Find(name) != nullptr; }

JsonFields JsonFields::Object(const char* name) const {
  const Json* found = Need(name);
  if (found != nullptr && !found->is_object()) {
    RefuseKind(name, "an object");
    found = nullptr;
  }
  return {found == nullptr ? Empty() : *found, path_ + name + ".", trouble_};
}

std::string JsonFields::Text(const char* name) const {
  const Json* const found = Need(name);
  if (found == nullptr) return "";
  if (found->is_string()) return found->get<std::string>();
  RefuseKind(name, "a text");
  return "";
}

bool JsonFields::Truth(const char* name) const {
  const Json* const found = Need(name);
  if (found == nullptr) return false;
  if (found->is_boolean()) return found->get<bool>();
  RefuseKind(name, "true or false");
  return false;
}

double JsonFields::Number(const char* name) const {
  const Json* const found = Need(name);
  if (found == nullptr) return 0;
  if (found->is_number()) return found->get<double>();
  RefuseKind(name, "a number");
  return 0;
}

uint64_t JsonFields::Count(const char* name, uint64_t max) const {
  const Json* const found = Need(name);
  if (found == nullptr) return 0;
  if (found->is_number_unsigned() && found->get<uint64_t>() <= max) return found->get<uint64_t>();
  Refuse(path_ + name + " is not a whole number from 0 to " + std::to_string(max));
  return 0;
}

std::string JsonFields::TextOr(const char* name, const char* without) const {
  return Has(name) ? Text(name) : without;
}

std::optional<double> JsonFields::OrNumber(const char* name) const {
  return Has(name) ? std::optional(Number(name)) : std::nullopt;
}

std::optional<uint64_t> JsonFields::OrCount(const char* name) const {
  return Has(name) ? std::optional(Count(name)) : std::nullopt;
}

const Json* JsonFields::FindList(const char* name) const {
  const Json* const found = Find(name);
  if (found == nullptr || found->is_array()) return found;
  RefuseKind(name, "a list");
  return nullptr;
}

size_t JsonFields::SizeOf(const Json& list) { return list.size(); }

JsonFields JsonFields::ElementOf(const Json& list, const char* name, size_t index) const {
  return {list[index], path_ + name + "[" + std::to_string(index) + "].", trouble_};
}

}  // namespace penstock::loadtest
