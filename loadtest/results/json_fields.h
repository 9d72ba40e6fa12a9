// JsonFields: the members of a JSON object that somebody else may have written, by their names. The
// first thing that is wrong is kept as a sentence; from then on everything is empty.
//
//     std::string trouble;
//     const JsonFields report(json, "", &trouble);
//     const JsonFields totals = report.Object("totals");
//     const uint64_t ok = totals.Count("ok");
//     if (!trouble.empty()) ...                     // "totals.ok is missing"
//
// Or...() take null, and a name that is not there, too: files of older versions lack what is new.
#ifndef PENSTOCK_LOADTEST_RESULTS_JSON_FIELDS_H_
#define PENSTOCK_LOADTEST_RESULTS_JSON_FIELDS_H_

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace penstock::loadtest {

class JsonFields {
 public:
  // `path` is how sentences name it, with a point at its end unless empty.
  // Ownership: `json` and `trouble` outlive it.
  JsonFields(const nlohmann::json& json, std::string path, std::string* trouble)
      : json_(&json), path_(std::move(path)), trouble_(trouble) {}

  JsonFields Object(const char* name) const;
  // Whether there is such a thing, and it is not null.
  bool Has(const char* name) const;

  std::string Text(const char* name) const;
  bool Truth(const char* name) const;
  double Number(const char* name) const;
  // Whole numbers from 0 to `max`.
  uint64_t Count(const char* name, uint64_t max = uint64_t{1} << 62) const;

  std::string TextOr(const char* name, const char* without) const;
  std::optional<double> OrNumber(const char* name) const;
  std::optional<uint64_t> OrCount(const char* name) const;

  // The elements of a list, each with the path of its own; none where it is missing or null.
  template <typename Function>
  void ForEach(const char* name, Function&& fn) const;

  const nlohmann::json& json() const { return *json_; }
  // "" for the whole, or such as "latency.service".
  std::string name() const { return path_.substr(0, path_.size() - (path_.empty() ? 0 : 1)); }
  const std::string& path() const { return path_; }
  void Refuse(const std::string& sentence) const;
  bool ok() const { return trouble_->empty(); }

 private:
  // Null: it is not there, or is null.
  const nlohmann::json* Find(const char* name) const;
  const nlohmann::json* Need(const char* name) const;
  const nlohmann::json* FindList(const char* name) const;
  void RefuseKind(const char* name, const char* kind) const;
  JsonFields ElementOf(const nlohmann::json& list, const char* name, size_t index) const;
  static size_t SizeOf(const nlohmann::json& list);

  const nlohmann::json* json_;
  std::string path_;
  std::string* trouble_;
};

template <typename Function>
void JsonFields::ForEach(const char* name, Function&& fn) const {
  const nlohmann::json* const list = FindList(name);
  if (list == nullptr) return;
  for (size_t i = 0; i < SizeOf(*list) && ok(); ++i) fn(ElementOf(*list, name, i));
}

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_RESULTS_JSON_FIELDS_H_
