// What the compiler has to say about .proto files: errors and warnings with their place.
//
//     a.proto:3:8: error: import "b.proto" was not found
#ifndef PENSTOCK_CODEC_COMPILER_DIAGNOSTICS_H_
#define PENSTOCK_CODEC_COMPILER_DIAGNOSTICS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::codec::compiler {

// Units: both count from 1; columns in octets, a tab counts one. Line 0: the file as a whole.
struct Location {
  int line = 0;
  int column = 0;
};

enum class Severity { kError, kWarning };

struct Diagnostic {
  Severity severity;
  std::string file;
  Location location;
  std::string message;

  // "file:line:column: error: message"
  std::string ToString() const;
};

// Limits: errors beyond kErrorsMax are counted, not kept: the first ones are the cause.
class Diagnostics {
 public:
  static constexpr size_t kErrorsMax = 50;

  void AddError(std::string_view file, Location location, std::string message);
  void AddWarning(std::string_view file, Location location, std::string message);

  bool ok() const { return error_count_ == 0; }
  size_t error_count() const { return error_count_; }
  const std::vector<Diagnostic>& all() const { return all_; }
  // One line each, in the order of file and place.
  std::string ToString() const;

 private:
  std::vector<Diagnostic> all_;
  size_t error_count_ = 0;
};

}  // namespace penstock::codec::compiler

#endif  // PENSTOCK_CODEC_COMPILER_DIAGNOSTICS_H_
