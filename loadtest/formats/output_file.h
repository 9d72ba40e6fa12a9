// OutputFile: where results go. A file is there whole or as it was before: what is written goes to
// one beside it first, which then takes its name.
//
//     OutputFile file("result.json");
//     if (const std::string why = file.Probe(); !why.empty()) ...   // before the run
//     if (const std::string why = file.Write(text); !why.empty()) ...
//
// "-" is stdout. What is no file (a pipe, /dev/stdout) is written as it is. A link stays one.
#ifndef PENSTOCK_LOADTEST_FORMATS_OUTPUT_FILE_H_
#define PENSTOCK_LOADTEST_FORMATS_OUTPUT_FILE_H_

#include <string>
#include <string_view>
#include <utility>

namespace penstock::loadtest {

class OutputFile {
 public:
  explicit OutputFile(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  bool is_stdout() const { return path_ == "-"; }

  // Why it could not be written now, a sentence; "": it could. Leaves nothing behind.
  [[nodiscard]] std::string Probe() const;
  // The same; "": it is written.
  [[nodiscard]] std::string Write(std::string_view text) const;

 private:
  // Opens what is to be written, `*beside` where that is another file; -1: errno says why.
  int Open(std::string* beside, std::string* real_path) const;
  std::string Refuse(int error) const;

  const std::string path_;
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_FORMATS_OUTPUT_FILE_H_
