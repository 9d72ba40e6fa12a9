// FieldPath: the way from the outermost message to a faulty value, "items[2].by_name["x"].price".
// It is put together backwards, while the calls that led to the fault return: who finds no fault
// pays nothing.
#ifndef PENSTOCK_CODEC_JSON_FIELD_PATH_H_
#define PENSTOCK_CODEC_JSON_FIELD_PATH_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace penstock::codec::json {

// Each gives false: what its caller returns.
class FieldPath {
 public:
  bool Within(std::string_view field) {
    if (!path_.empty() && path_.front() != '[') path_.insert(0, ".");
    path_.insert(0, field);
    return false;
  }
  bool WithinElement(size_t index) { return Within("[" + std::to_string(index) + "]"); }
  bool WithinKey(std::string_view key) { return Within("[\"" + std::string(key) + "\"]"); }

  // "path: ", or nothing at the outermost message itself.
  std::string Prefix() const { return path_.empty() ? "" : path_ + ": "; }

 private:
  std::string path_;
};

}  // namespace penstock::codec::json

#endif  // PENSTOCK_CODEC_JSON_FIELD_PATH_H_
